/* Words for a shell. */
#ifndef SB_REPORT_SHELL_H
#define SB_REPORT_SHELL_H

#include "base/buf.h"

/* Appends `text` as one word of bash: in single quotes, or, when it holds what a page would not
 * show, as $'...' with octal escapes. It is printable UTF-8 on one line. 0 or SEALBAG_ERR_MEMORY.
 */
int sb_shell_quote(struct sb_buf *out, const char *text);

#endif
