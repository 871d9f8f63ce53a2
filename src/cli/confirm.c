/* Questions on a terminal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

bool sb_cli_can_ask(void)
{
    return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

bool sb_cli_ask(const char *question)
{
    char line[16] = "";
    fprintf(stderr, "%s [yes/no] ", question);
    (void)fflush(stderr);
    if (fgets(line, sizeof(line), stdin) == NULL)
        fputc('\n', stderr); /* its end is an answer, too */
    return strcmp(line, "yes\n") == 0 || strcmp(line, "y\n") == 0;
}
