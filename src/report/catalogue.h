/* The compiled catalogues of gettext (.mo), read from memory.
 *
 * gettext's own functions look for catalogues in installed locales, which small systems do not
 * have, and keep the chosen one in global state. Here the catalogues are part of the library.
 *
 *   uint32 magic 950412de, revision 0, N, O, T, hash size, hash offset   little endian here
 *   at O: N of {uint32 length, offset} of the originals, sorted; at T: of the translations
 *   each text has a NUL after its length; a plural's original is "one" NUL "many", its translation
 *   has a form for each; the translation of "" is the header, which says the rule of plurals.
 *
 * (GNU gettext manual, The Format of GNU MO Files.) */
#ifndef SB_REPORT_CATALOGUE_H
#define SB_REPORT_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb_catalogue {
    const uint8_t *bytes; /* borrowed */
    uint32_t count, originals, translations;
    bool one_below_two; /* the singular is for 0 and 1 ("n > 1"), else for 1 alone ("n != 1") */
};

/* False when the bytes are not exactly such a catalogue, with UTF-8 texts and one of these two
 * rules of plurals. */
bool sb_catalogue_parse(struct sb_catalogue *out, const uint8_t *bytes, size_t len);

/* The translation, which lives as long as the bytes; or `text` itself when there is none. */
const char *sb_catalogue_find(const struct sb_catalogue *catalogue, const char *text)
    __attribute__((format_arg(2)));

/* The form for n. */
const char *sb_catalogue_plural(const struct sb_catalogue *catalogue, const char *one,
                                const char *many, uint64_t n)
    __attribute__((format_arg(2), format_arg(3)));

#endif
