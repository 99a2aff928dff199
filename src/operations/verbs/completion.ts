/**
 * `holdfast completion`: a shell's script that asks `holdfast completion words` at each Tab. What is typed is handed on as arguments and
 * never evaluated, so that a Tab runs nothing of it.
 */

import { operation } from "../operation.ts";

const BASH = `# holdfast: completion for bash.  eval "$(holdfast completion bash)"
_holdfast() {
  local line cur=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur") ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(holdfast completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _holdfast holdfast
`;

const ZSH = `#compdef holdfast
# holdfast: completion for zsh.  eval "$(holdfast completion zsh)", or as _holdfast in a folder of $fpath
_holdfast() {
  local line
  local -a lines values
  lines=("\${(@f)$(holdfast completion words -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == :files ]]; then
      _files
    else
      values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  (( $#values )) && _describe -t values holdfast values
}
if [[ $funcstack[1] == _holdfast ]]; then _holdfast "$@"; else compdef _holdfast holdfast; fi
`;

const FISH = `# holdfast: completion for fish.  holdfast completion fish | source
function __holdfast_words
    set -l typed (commandline -opc) (commandline -ct)
    for line in (holdfast completion words -- $typed[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            printf '%s\\n' $line
        end
    end
end
complete -c holdfast -f -a '(__holdfast_words)'
`;

const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH };

export const completion = operation({
  name: "completion",
  commandLineOnly: true,
  about: "A script that completes verbs, options, orders, incidents, components and files at Tab",
  effect: "none",
  input: (z) => z.strictObject({ shell: z.enum(["bash", "zsh", "fish"]) }),
  command: {
    arguments: [{ name: "shell", about: "bash, zsh or fish" }],
    examples: [
      `echo 'eval "$(holdfast completion bash)"' >> ~/.bashrc`,
      `echo 'eval "$(holdfast completion zsh)"' >> ~/.zshrc    # after compinit`,
      "holdfast completion fish > ~/.config/fish/completions/holdfast.fish",
    ],
  },
  run: async (_, { shell }) => ({ shell, script: SCRIPTS[shell] }),
  print: ({ script }) => script,
});
