/** What file tools and scripts take away. */

import type { Row } from "../row.ts";

export const FILE_ROWS: readonly Row[] = [
  {
    n: 13,
    name: "rsync -a --delete from an older copy",
    tree: "files-1",
    by: "script",
    needs: ["rsync"],
    given: `mkdir -p $W/app $OLD/13; echo one > $W/app/a.txt; cp -Rp $W/app/. $OLD/13; holdfast snapshot; echo second > $W/app/a.txt; echo new > $W/app/b.txt`,
    damage: "rsync -a --delete $OLD/13/ $W/app/",
    expected: { kinds: ["deleted", "reverted"], response: "repair", cause: "rsync", settles: "content" },
  },
  {
    n: 14,
    name: "cp -r from a backup",
    tree: "files-1",
    by: "script",
    given: `mkdir -p $W/app $OLD/14; for i in 1 2 3 4 5 6 7 8; do echo one > $W/app/$i.txt; done; cp -R $W/app/. $OLD/14; holdfast snapshot
      for i in 1 2 3 4 5 6 7 8; do echo two > $W/app/$i.txt; done`,
    damage: "cp -r $OLD/14/. $W/app/",
    expected: { kinds: ["reverted"], response: "repair", cause: "cp", settles: "content" },
  },
  {
    n: 15,
    name: "rm -rf a folder, find -delete",
    tree: "files-1",
    by: "agent",
    given: `mkdir -p $W/app/deep $W/logs; for i in 1 2 3 4 5 6 7 8 9; do echo $i > $W/app/deep/$i.txt; echo $i > $W/logs/$i.txt; done`,
    damage: "rm -rf $W/app; find $W/logs -type f -delete",
    expected: { kinds: ["deleted"], response: "repair", cause: "", settles: "missing" },
  },
  {
    n: 16,
    name: "mv a folder away",
    tree: "files-1",
    by: "agent",
    given: "mkdir -p $W/app; echo sixteen > $W/app/a.txt; echo sixty > $W/app/b.txt",
    damage: "mv $W/app $W/app.bak",
    expected: { kinds: ["deleted"], response: "repair", cause: "mv", settles: "missing", says: "moved to" },
    holds: "[ -e $W/app.bak/a.txt ]",
  },
  {
    n: 17,
    name: "sed -i that empties a file",
    tree: "files-1",
    by: "agent",
    given: 'for i in 1 2 3 4 5; do echo "key$i: value" >> $W/config.yml; done',
    damage: "sed -i.bak '/./d' $W/config.yml && rm $W/config.yml.bak",
    expected: { kinds: ["emptied"], response: "repair", cause: "sed", settles: "content" },
  },
  {
    n: 18,
    name: "an editor's atomic save: mode and link lost",
    tree: "files-2",
    by: "script",
    given: `printf '#!/bin/sh\\necho one\\n' > $W/run.sh; chmod 755 $W/run.sh; echo one > $W/target.txt; ln -s target.txt $W/current`,
    damage: `umask 022; printf '#!/bin/sh\\necho two\\n' > $W/.run.tmp; mv $W/.run.tmp $W/run.sh
      echo edited > $W/.current.tmp; mv $W/.current.tmp $W/current`,
    // New content goes on; the bit and the link are losses.
    expected: { kinds: ["mode-changed", "type-changed"], response: "repair", settles: "content", staysChanged: true },
    holds: '[ -x $W/run.sh ] && grep -q two $W/run.sh && [ "$(readlink $W/current)" = target.txt ]',
  },
  {
    n: 19,
    name: "chmod -x, install with mode 644",
    tree: "files-2",
    by: "agent",
    given: `printf '#!/bin/sh\\necho one\\n' > $W/a.sh; cp $W/a.sh $W/b.sh; chmod 755 $W/a.sh $W/b.sh; cp $W/b.sh $OLD/b.sh`,
    damage: "chmod -x $W/a.sh; install -m 644 $OLD/b.sh $W/b.sh",
    expected: { kinds: ["mode-changed"], response: "repair", cause: "", settles: "at-once" },
  },
  {
    n: 20,
    name: "a file becomes a link, a folder a file",
    tree: "files-2",
    by: "agent",
    given: "echo one > $W/file.txt; mkdir -p $W/folder; echo two > $W/folder/in.txt",
    damage: "rm $W/file.txt; ln -s /etc/hosts $W/file.txt; rm -rf $W/folder; echo three > $W/folder",
    expected: { kinds: ["deleted", "type-changed"], response: "repair", cause: "", settles: "missing" },
  },
  {
    n: 21,
    name: "an append-only log cut to its last 200 lines",
    tree: "files-2",
    by: "script",
    components: { "": "{ paths: [$W/audit.log], appendOnly: true }" },
    given: 'i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo "entry $i"; done > $W/audit.log',
    damage: "tail -n 200 $W/audit.log > $OLD/tail; cat $OLD/tail > $W/audit.log; echo 'a new entry' >> $W/audit.log",
    expected: { kinds: ["truncated"], response: "repair", settles: "content", staysChanged: true },
    holds:
      "[ $(wc -l < $W/audit.log) -eq 1001 ] && [ \"$(head -n 1 $W/audit.log)\" = 'entry 1' ] && [ \"$(tail -n 1 $W/audit.log)\" = 'a new entry' ]",
  },
  {
    n: 23,
    name: "a rollback script that removes and copies",
    tree: "files-2",
    by: "script",
    needs: ["zsh"],
    given: `mkdir -p $W/app/new $OLD/23; echo one > $W/app/a.txt; cp -R $W/app/. $OLD/23; holdfast snapshot; echo two > $W/app/a.txt; echo new > $W/app/new/b.txt
      printf '#!/bin/zsh\\nrm -rf %s/app/new\\ncp -R %s/. %s/app/\\nsleep 0.2\\n' $W $OLD/23 $W > rollback_20261122.zsh`,
    damage: "zsh rollback_20261122.zsh",
    expected: {
      kinds: ["deleted", "reverted"],
      response: "repair",
      cause: "rollback_20261122.zsh",
      witnessed: true,
      settles: "content",
    },
  },
];
