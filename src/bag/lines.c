#include "bag/lines.h"

bool sb_lines_next(struct sb_lines *lines, const char **line, size_t *len)
{
    if (lines->at >= lines->len)
        return false;
    const char *bytes = lines->bytes;
    size_t end = lines->at;
    while (end < lines->len && bytes[end] != '\n' && bytes[end] != '\r')
        end++;
    *line = bytes + lines->at;
    *len = end - lines->at;
    lines->number++;
    if (end < lines->len && bytes[end] == '\r' && end + 1 < lines->len && bytes[end + 1] == '\n')
        end++;
    lines->at = end + 1;
    return true;
}
