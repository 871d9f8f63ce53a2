/* The short usage of each command; sealbag(1) has the whole. */
#ifndef SB_CLI_USAGE_H
#define SB_CLI_USAGE_H

#define SB_USAGE_KEYGEN                                                                            \
    "Usage: sealbag keygen [-o FILE] [--comment TEXT]\n"                                           \
    "                      [--no-passphrase | --passphrase-fd N | --passphrase-file F]\n\n"        \
    "  -o FILE               the secret key; FILE.pub is the public one to hand out\n"             \
    "                        (default: sealbag.key in the configuration folder)\n"                 \
    "  --comment TEXT        a comment line for both files; anyone who gets them sees it\n"        \
    "  --no-passphrase       whoever has the file can sign\n"                                      \
    "  --passphrase-fd N     read the passphrase from this file descriptor\n"                      \
    "  --passphrase-file F   read it from this file\n"

#define SB_USAGE_KEY                                                                               \
    "Usage: sealbag key show [--json] FILE       what a key file is, and its fingerprint\n"        \
    "       sealbag key passwd FILE              set or change the passphrase of a secret key\n"   \
    "       sealbag key export --ssh FILE        the public key as a line of OpenSSH's\n\n"        \
    "FILE is minisign's or OpenSSH's, public or secret; passwd takes minisign's secret keys "      \
    "only.\n\n"                                                                                    \
    "  --no-passphrase       passwd: take the passphrase away\n"                                   \
    "  --passphrase-fd N     read passphrases from this file descriptor: the present one, if\n"    \
    "                        there is one, and for passwd on the next line the new one\n"          \
    "  --passphrase-file F   read them from this file\n"                                           \
    "  --json                show: print one JSON object\n"

/* The labels that have an option of their own. */
#define SB_USAGE_LABEL(id, label, option, repeatable, text)                                        \
    "  --" option " TEXT\n                        " text "\n"

#define SB_USAGE_CREATE                                                                            \
    "Usage: sealbag create -o OUT [--key KEY]... [OPTIONS] SOURCE...\n\n"                          \
    "One folder: its contents are sealed. Several sources: each under its own name.\n\n"           \
    "  -o OUT                the bundle, NAME.tar.gz, .tar.zst, .tar or .zip, or, a folder, "      \
    "NAME/;\n"                                                                                     \
    "                        - is a pipe\n"                                                        \
    "  --key KEY             sign with this key; repeat for several signatures: a secret key\n"    \
    "                        file, or a key in ssh-agent as ssh:SHA256:..., ssh:COMMENT or its\n"  \
    "                        OpenSSH public key file\n"                                            \
    "  --name NAME           the bag's name (default: OUT without its ending)\n"                   \
    "  --info 'Label: value' a label for bag-info.txt; repeatable. Those that BagIt knows have "   \
    "options\n"                                                                                    \
    "                        of their own, below\n"                                                \
    "  --time RFC3339        the sealing time, such as 2026-11-25T10:00:00Z (default: now)\n"      \
    "  --salt FILE           64 hex digits instead of a random salt, to make the same bundle "     \
    "again\n"                                                                                      \
    "  --supersedes SEALID   record which bag this one replaces (64 hex digits)\n"                 \
    "  --cosigner KEY        name another signer (.pub file or SHA256:...), who signs later\n"     \
    "  --format FORMAT       tar.gz, tar.zst, tar, zip or folder (default: as OUT is called, "     \
    "else\n"                                                                                       \
    "                        tar.gz)\n"                                                            \
    "  --algorithm sha512    also manifests of SHA-512, beside those of SHA-256; repeatable\n"     \
    "  --level LEVEL         fast (the default), or 1 to 9 (tar.zst: to 19); the highest levels "  \
    "give\n"                                                                                       \
    "                        the smallest bundle and take long\n"                                  \
    "  -j N                  threads (default: one a processor); the bundle is the same for any "  \
    "N\n"                                                                                          \
    "  --metadata FILE.csv   provenance records: a table with a row for each document (see "       \
    "sealbag(1))\n"                                                                                \
    "  --profile FILE.json   refuse to make a bag that would not keep to this BagIt profile\n"     \
    "  --require-metadata    refuse documents that have no row\n"                                  \
    "  --from-xattrs         fill empty cells from the documents' extended attributes, such as\n"  \
    "                        the URL a download came from, without what gives access\n"            \
    "  --record-mtimes       record the documents' file times; extract restores them\n"            \
    "  --skip-special        leave out links, sockets, devices and unreadable files, on record\n"  \
    "  --privacy MODE        check (the default): look for what identifies people, and seal "      \
    "nothing\n"                                                                                    \
    "                        when there is something; accept: say so, and seal; off: do not "      \
    "look\n"                                                                                       \
    "  --force               replace OUT when it exists\n"                                         \
    "  --passphrase-fd N, --passphrase-file F   one line for each locked key, in their order\n"    \
    "  --quiet               say nothing but errors and warnings\n\n"                              \
    "Labels for bag-info.txt, in the order in which they and --info are given. Anyone who gets "   \
    "the\nbag reads them:\n\n" SEALBAG_LABELS(SB_USAGE_LABEL)

#define SB_USAGE_SEAL                                                                              \
    "Usage: sealbag seal BAG --key KEY [--key KEY]... [OPTIONS]\n\n"                               \
    "Verifies a bag that others have made, and adds seal/ to its folder. Nothing else of it is\n"  \
    "changed, and signatures of other programs in it stay valid.\n\n"                              \
    "  -o OUT                leave BAG, a folder or an archive, as it is, and write the sealed\n"  \
    "                        bag here: NAME.tar.gz, .tar.zst, .tar or .zip, or, a folder, NAME/\n" \
    "  --format, --level     how it is packed, as for create\n"                                    \
    "  --force               replace an archive that is there\n"                                   \
    "  --key KEY             sign with this key, as for create; repeat for several signatures\n"   \
    "  --cosigner KEY        name another signer (.pub file or SHA256:...), who signs later\n"     \
    "  --time RFC3339        the sealing time (default: now)\n"                                    \
    "  --salt FILE           64 hex digits instead of a random salt, to make the same seal "       \
    "again\n"                                                                                      \
    "  --supersedes SEALID   record which bag this one replaces (64 hex digits)\n"                 \
    "  --passphrase-fd N     read passphrases from this file descriptor, one a line\n"             \
    "  --passphrase-file F   read them from this file\n"                                           \
    "  --yes                 do not ask before sealing\n"                                          \
    "  --json                print one JSON object\n"                                              \
    "  -j N, --limit NAME=NUMBER, --no-sandbox, --quiet   as for verify\n"

#define SB_USAGE_METADATA                                                                          \
    "Usage: sealbag metadata template [-o FILE.csv] SOURCE...   a table to fill in\n"              \
    "       sealbag metadata check FILE.csv SOURCE...           what create would find wrong\n\n"  \
    "SOURCE is what create is to seal. The table has a row for each document, with what is "       \
    "known\n"                                                                                      \
    "already; create takes it with --metadata.\n\n"                                                \
    "  -o FILE.csv           write it there (default: print it)\n"                                 \
    "  --force               replace FILE.csv when it exists\n"                                    \
    "  --require-metadata    check: documents without a row are wrong\n"                           \
    "  --privacy MODE        check: as with create; off does not look for what identifies "        \
    "people\n"                                                                                     \
    "  -j N                  threads (default: one a processor)\n"                                 \
    "  --quiet               say nothing but errors and warnings\n"

#define SB_USAGE_JUDGE                                                                             \
    "  --keys DIR            the trust store (default: the configuration folder)\n"                \
    "  --require N           ask for seals by N trusted signers (default 1)\n"                     \
    "  --count-countersignatures   they count for --require and --signer, too\n"                   \
    "  --at D                judge the keys at this time (default: now), such as 2026-01-31\n"     \
    "  --signer NAME         this name must have sealed it; repeatable, with different keys\n"     \
    "  --seal HEX            the seal id must begin with these 32 to 64 hex digits\n"              \
    "  --custody HEX         the same for the head of the custody chain\n"                         \
    "  -j N                  threads (default: one a processor)\n"                                 \
    "  --limit NAME=NUMBER   raise or lower a limit: see sealbag help limits\n"                    \
    "  --no-sandbox          read the bundle in this process, and not in one that is locked in\n"
#define SB_USAGE_QUIET "  --quiet               no progress and no notes on the terminal\n"
#define SB_USAGE_JUDGING                                                                           \
    SB_USAGE_JUDGE "  --json                print one JSON object\n" SB_USAGE_QUIET

#define SB_USAGE_VERIFY                                                                            \
    "Usage: sealbag verify [OPTIONS] BUNDLE...      (- reads a pipe)\n\n"                          \
    "A bag that is a plain folder is judged, too.\n\n"                                             \
    "  --profile FILE.json   the bag must also keep to this BagIt profile\n"                       \
    "  --fast                compare only the number of the documents and their size all "         \
    "together\n"                                                                                   \
    "                        with what the bag says of them: proves little (exit code 6)\n"        \
    "  --completeness-only   compare only names: whether all that is listed is there and "         \
    "nothing\n"                                                                                    \
    "                        else, without looking into it (exit code 6)\n" SB_USAGE_JUDGING

#define SB_USAGE_LIST                                                                              \
    "Usage: sealbag list [OPTIONS] BUNDLE      (- reads a pipe)\n\n"                               \
    "Prints the size and path of every document, unless the bundle must not be "                   \
    "used.\n\n" SB_USAGE_JUDGING

#define SB_USAGE_SHOW                                                                              \
    "Usage: sealbag show [OPTIONS] BUNDLE [PATH...]      (- reads a pipe)\n\n"                     \
    "Shows who has signed, and what the bag says of itself and of its documents, as stated by\n"   \
    "the signer; with PATH, all about these documents.\n\n"                                        \
    "  --graph[=text|dot]    only what rests on what, as a tree or for "                           \
    "Graphviz\n" SB_USAGE_JUDGING

#define SB_USAGE_EXTRACT                                                                           \
    "Usage: sealbag extract [-C DIR] [OPTIONS] BUNDLE [PATH...]      (- reads a pipe)\n\n"         \
    "  -C DIR                where the bag's folder appears (default: here)\n"                     \
    "  PATH                  only these documents, or folders of documents\n"                      \
    "  --accept-untrusted    also when no signer is trusted (exit code 3)\n"                       \
    "  --accept-unsigned     also when it is not sealed (exit code 4)\n"                           \
    "  --no-restore-mtimes   leave file times as they come, also when the signer states them\n"    \
    "  --salvage             of a damaged bundle, what still matches its signed "                  \
    "manifest\n" SB_USAGE_JUDGING

#define SB_USAGE_CONVERT                                                                           \
    "Usage: sealbag convert -o OUT [OPTIONS] BUNDLE      (- reads a pipe)\n\n"                     \
    "Verifies the bundle, and makes one of another kind with the same bag in it. The seal, the\n"  \
    "signatures and the custody chain stay valid. The exit code is that of the verdict; with 3\n"  \
    "and 4 the bag is converted, too.\n\n"                                                         \
    "  -o OUT                FILE.tar.gz, .tar.zst, .tar or .zip, or, a folder that is called "    \
    "like\n"                                                                                       \
    "                        the bag, NAME/\n"                                                     \
    "  --format FORMAT, --level LEVEL   as for create\n"                                           \
    "  --force               replace OUT when it is a file\n" SB_USAGE_JUDGING

#define SB_USAGE_REPORT                                                                            \
    "Usage: sealbag report -o FILE [OPTIONS] BUNDLE      (- reads a pipe)\n\n"                     \
    "Verifies the bundle, and writes all that is known of it as one HTML file.\n\n"                \
    "  -o FILE               the report, such as report.html; - writes to a pipe\n"                \
    "  --language L          en (English) or es (Spanish) (default: as your system, else en)\n"    \
    "  --profile FILE.json   the bag must also keep to this BagIt profile\n"                       \
    "  --force               replace FILE when it exists\n" SB_USAGE_JUDGE SB_USAGE_QUIET

#define SB_USAGE_SIGN                                                                              \
    "Usage: sealbag sign --key KEY [OPTIONS] BUNDLE\n\n"                                           \
    "Verifies the bundle, and then adds your signature over its seal. Nothing in it is "           \
    "changed.\n\n"                                                                                 \
    "  --key KEY             sign with this key, as for create\n"                                  \
    "  -o FILE               leave BUNDLE, a file, as it is, and write the signed one here\n"      \
    "  --time RFC3339        the time in the signature's comment (default: now)\n"                 \
    "  --accept-untrusted    also when no signer is trusted (exit code 3)\n"                       \
    "  --yes                 do not ask on the terminal\n"                                         \
    "  --passphrase-fd N, --passphrase-file F   a line with the passphrase of a locked "           \
    "key\n" SB_USAGE_JUDGING

#define SB_USAGE_TRUST                                                                             \
    "Usage: sealbag trust add [OPTIONS] NAME KEY.pub\n"                                            \
    "       sealbag trust add [OPTIONS] NAME --from BUNDLE --fingerprint SHA256:...\n"             \
    "       sealbag trust list [--json] [--at D]\n"                                                \
    "       sealbag trust revoke --reason TEXT [--since D] NAME|FINGERPRINT|--key KEY.pub\n"       \
    "       sealbag trust remove NAME\n"                                                           \
    "       sealbag trust export -o BUNDLE --key KEY\n"                                            \
    "       sealbag trust import [--accept-untrusted] [--yes] BUNDLE\n"                            \
    "\n"                                                                                           \
    "  --keys DIR            the trust store (default: the configuration folder)\n"                \
    "  --fingerprint FP      the key must have it, as its owner has read it to you\n"              \
    "  --from BUNDLE         take the key from a bundle that it signed\n"                          \
    "  --valid-after D, --valid-before D   the key counts only in this time\n"                     \
    "  --reason TEXT         why the key is revoked; verdicts show it\n"                           \
    "  --since D             the revocation counts from then on (default: at any time)\n"          \
    "  --at D                judge at this time (default: now)\n"                                  \
    "  --yes                 do not ask on the terminal; import needs it where there is none\n"    \
    "  --accept-untrusted    import also what was not sealed by those whom you trust\n"            \
    "  --key KEY, --passphrase-fd N, --passphrase-file F   as for create\n"                        \
    "\n"                                                                                           \
    "D is a date in UTC, 2026-01-31 or 2026-01-31T12:00:00Z. Compare the fingerprint with the\n"   \
    "key's owner first, by another way than the bundle came.\n"

#define SB_USAGE_CUSTODY                                                                           \
    "Usage: sealbag custody add --event WORD --key KEY [OPTIONS] BUNDLE\n"                         \
    "       sealbag custody list [OPTIONS] BUNDLE      (- reads a pipe)\n\n"                       \
    "add verifies the bundle, shows what it will add, and adds one signed event to it.\n\n"        \
    "  --event WORD          transfer, receipt, copy, inspection, note, or a word of your own\n"   \
    "  --key KEY             sign with this key, as for create\n"                                  \
    "  -o OUT                write the new bundle there and leave the old one as it is\n"          \
    "  --to NAME             who it concerns, such as who gets the bundle\n"                       \
    "  --note TEXT           one line that anyone can read\n"                                      \
    "  --time RFC3339        the time of the event (default: now)\n"                               \
    "  --yes                 do not ask\n"                                                         \
    "  --accept-untrusted    also when the bundle is not sealed by those whom you trust\n"         \
    "  --passphrase-fd N, --passphrase-file F   where the passphrase of a locked key is\n\n"       \
    "Both take these, too, but only list takes --json:\n\n" SB_USAGE_JUDGING

#define SB_USAGE_PRIVACY                                                                           \
    "Usage: sealbag privacy [OPTIONS] FOLDER|FILE...\n\n"                                          \
    "Looks in files and their names for what identifies people: places, names, serial numbers,\n"  \
    "e-mail addresses, home folders. create does so, too. Exit codes: 0 nothing found, 1 "         \
    "found.\n\n"                                                                                   \
    "  --all                 list every finding, also many of one kind\n"                          \
    "  --json                print all findings as JSON\n"                                         \
    "  --name TEXT           look for this name, too; your login name and full name are looked\n"  \
    "                        for anyway\n"                                                         \
    "  --seconds N           the most time for one file (default 20)\n"                            \
    "  --quiet               say nothing when nothing was found\n"

#endif
