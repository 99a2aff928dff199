/** Tools that look, print or wait, and cannot change a file but by the shell's own redirection, which is read apart. */

export const HARMLESS_TOOLS: ReadonlySet<string> = new Set(
  // What Holdfast changes it has on record itself.
  `holdfast : [ [[ ack ag alias b2sum base32 base64 basename bat bc bg bind break bzcat cal cat cd cksum clear cmp col
  column comm compgen complete continue cut date declare df diff dig dirname dirs disown du echo egrep enable exa
  exit export expr eza false fc fg fgrep file fmt fold free getconf getent getopts grep groups hash head
  help hexdump history host hostname htop id info iostat jobs join jq last less let local locale locate logger
  logname logout look ls lsattr lsb_release lsof man md5 md5sum mktemp more nl nproc nslookup od pager
  paste pathchk pgrep pidof ping popd pr printenv printf ps pstree pushd pwd read readarray readlink readonly
  realpath reset return rev rg seq set setopt sha1sum sha224sum sha256sum sha384sum sha512sum shasum shift shopt
  shuf sleep ss ssh-add ssh-agent stat strings stty sum tac tail test times top tput tr tree true tty type
  typeset ulimit umask unalias uname uniq unset unsetopt uptime users vmstat w wait wc whatis whence whereis which
  who whoami xxd xzcat yes zcat zdiff zgrep zless zstdcat`.split(/\s+/),
);

/** They change no file, but can end a service. */
export const SERVICE_TOOLS: ReadonlySet<string> = new Set([
  "kill",
  "killall",
  "pkill",
  "launchctl",
  "systemctl",
  "service",
]);
