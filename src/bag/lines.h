/* The lines of a tag file: LF, CR and CRLF are all line ends, and the last may be missing
 * (RFC 8493, section 2.2.2 and its ABNF). */
#ifndef SB_BAG_LINES_H
#define SB_BAG_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct sb_lines {
    const char *bytes;
    size_t len;
    size_t at;
    size_t number; /* of the line that was given last, from 1 */
};

/* False when there are no more. */
bool sb_lines_next(struct sb_lines *lines, const char **line, size_t *len);

/* What may stand between the parts of a line. */
static inline bool sb_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

#endif
