#include "op/format.h"

#include <string.h>
#include <strings.h>

#include "container/deflate.h"

/* The first of a kind is the one that is told. */
static const struct {
    const char *ending;
    enum sb_packing packing;
} endings[] = {
    {".tar.gz", SB_PACKED_TAR_GZ}, {".tgz", SB_PACKED_TAR_GZ}, {".tar.zst", SB_PACKED_TAR_ZST},
    {".tzst", SB_PACKED_TAR_ZST},  {".zip", SB_PACKED_ZIP},    {".tar", SB_PACKED_TAR},
};

static const char *const others[] = {".7z",   ".rar",     ".tar.xz", ".txz",
                                     ".tbz2", ".tar.bz2", ".xz",     ".bz2"};

/* In either case, as Windows takes it. */
static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len > n && strcasecmp(text + len - n, end) == 0;
}

/* In the list; SIZE_MAX when the name says nothing. */
static size_t named(const char *name)
{
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (ends_in(name, endings[i].ending))
            return i;
    }
    return SIZE_MAX;
}

/* What a name ends in when it says this kind: ".tar.gz"; "" for a folder. */
static const char *ending_of(enum sb_packing packing)
{
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (endings[i].packing == packing)
            return endings[i].ending;
    }
    return "";
}

size_t sb_format_stem(const char *name)
{
    size_t i = named(name);
    return strlen(name) - (i != SIZE_MAX ? strlen(endings[i].ending) : 0);
}

const struct sb_codec *sb_format_codec(enum sb_packing packing)
{
    return packing == SB_PACKED_TAR_GZ    ? &sb_codec_gz
           : packing == SB_PACKED_TAR_ZST ? &sb_codec_zst
           : packing == SB_PACKED_TAR     ? &sb_codec_tar
                                          : NULL;
}

/* What the name ends in when that is the ending of a format that is not written, or NULL. */
static const char *named_other(const char *name)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (ends_in(name, others[i]))
            return others[i];
    }
    return NULL;
}

static enum sb_packing packing_of(enum sealbag_format format)
{
    return format == SEALBAG_FOLDER    ? SB_PACKED_NOT
           : format == SEALBAG_TAR_ZST ? SB_PACKED_TAR_ZST
           : format == SEALBAG_TAR     ? SB_PACKED_TAR
           : format == SEALBAG_ZIP     ? SB_PACKED_ZIP
                                       : SB_PACKED_TAR_GZ;
}

int sb_format_choose(enum sb_packing *out, enum sealbag_format format, const char *output,
                     struct sb_error *error)
{
    const char *name = output != NULL ? output : "";
    size_t len = strlen(name), by_name = named(name);
    *out = packing_of(format);
    if (format == SEALBAG_FORMAT_BY_NAME && len > 0 && name[len - 1] == '/')
        *out = SB_PACKED_NOT;
    else if (format == SEALBAG_FORMAT_BY_NAME && by_name != SIZE_MAX)
        *out = endings[by_name].packing;
    /* Whoever gets such a file would try to open it with the wrong program; a folder has any name.
     */
    if (*out == SB_PACKED_NOT)
        return 0;
    /* The header of a large file is completed when all of it was read. */
    if (*out == SB_PACKED_ZIP && output == NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A zip file cannot go to a pipe. Name it with -o, or take another "
                            "format.");
    if (by_name != SIZE_MAX && endings[by_name].packing != *out)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The output's name says another format than --format. Give it the "
                            "ending %s.",
                            ending_of(*out));
    const char *other = by_name == SIZE_MAX ? named_other(name) : NULL;
    if (other != NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The output's name ends in %s, a format that sealbag does not write. "
                            "Give it the ending .tar.gz, .tar.zst, .tar or .zip.",
                            other);
    return 0;
}

int sb_format_check_same(enum sb_packing packing, const char *output, struct sb_error *error)
{
    size_t by_name = named(output);
    if (by_name == SIZE_MAX || endings[by_name].packing == packing)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_USAGE,
                        "The output is a bundle of the same kind, and its name says another one. "
                        "Give it the ending %s; sealbag convert makes other kinds.",
                        ending_of(packing));
}

void sb_format_check_name(struct sb_findings *findings, enum sb_packing packing, const char *name)
{
    size_t by_name = named(name);
    const char *is = ending_of(packing);
    const char *says = by_name == SIZE_MAX ? named_other(name) : endings[by_name].ending;
    if (packing == SB_PACKED_NOT || says == NULL ||
        (by_name != SIZE_MAX && endings[by_name].packing == packing))
        return;
    sb_findings_add(findings, SB_RULE_NAME_MISMATCH, NULL,
                    "The bundle's name ends in %s, but it is a %s file. Other programs may refuse "
                    "it, or open it as something else: give it the ending %s.",
                    says, is, is);
}

int sb_format_check_level(enum sb_packing packing, int level, struct sb_error *error)
{
    const struct sb_codec *codec = sb_format_codec(packing);
    int most = codec != NULL              ? codec->level_max
               : packing == SB_PACKED_ZIP ? SB_LEVEL_DEFLATE_MAX
                                          : 0;
    if (level >= 0 && level <= most)
        return 0;
    if (packing == SB_PACKED_NOT)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "In a folder nothing is compressed: leave --level out.");
    if (packing == SB_PACKED_TAR)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "In a .tar nothing is compressed: leave --level out.");
    return sb_error_set(error, SEALBAG_ERR_USAGE,
                        "The level is \"fast\" or a number from 1 to %d for %s.", most,
                        ending_of(packing));
}
