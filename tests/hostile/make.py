"""Makes hostile bundles from a good one.

  make.py GOOD OTHER KEYS WATCHED FINDINGS OUT

GOOD, OTHER  two sealed bundles (.tar.gz) by the key maria, both of the name "sample"
KEYS         the folder of the secret keys maria, omar and stranger, without passphrases
WATCHED      the folder that absolute paths and links lead to
FINDINGS     docs/findings.md, which says the exit code of each rule
OUT          where the bundles appear, and cases.tsv with one line for each: file, group, exit code,
             rule (a|b: either of them), what it is

It needs nothing but python3-minimal.
"""
import sys

import bombs
import custody
import frames
import kit
import paths
import records
import seals
import shown
import signatures
import tricks


def control(one):
    """Good bundles, made in the same way: if these were refused, no other case would mean a thing."""
    one.group = "control"
    tar = one.tar()
    one.add("", "control-own", "the good bag, packed again", one.gz(tar), code=0)
    one.add("", "control-own", "the good bag, packed again in zstd", one.zst(tar), code=0)
    one.add("", "control", "the good bag by another program", one.foreign(tar), code=0)
    one.bag("", "control-sealed", "the good bag, sealed again", one.make.sealed(), code=0)


def main(good, other, keys, watched, findings, out):
    one = kit.Kit(good, other, keys, watched, findings, out)
    control(one)
    if one.make.sealed() != one.good:
        raise SystemExit("What is sealed here is not what sealbag seals.")
    for part in paths, tricks, frames, seals, signatures, custody, records, shown, bombs:
        part.add_all(one)
    one.list.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
