/* Dates that people give, the time, and questions on the terminal. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

int sb_cli_date(int64_t *out, const char *verb, const char *option, const char *text)
{
    char whole[SB_TIME_SIZE], shown[100];
    size_t len = strlen(text);
    if (len == 10) {
        snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);
        if (sb_time_parse(out, whole, strlen(whole), true) && *out > 0)
            return 0;
    }
    if (sb_time_parse(out, text, len, true) && *out > 0)
        return 0;
    *out = 0;
    return sb_cli_usage(verb,
                        "%s takes a date in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z, not "
                        "\"%s\".",
                        option, sealbag_text_escape(shown, sizeof(shown), text));
}

int sb_cli_time(int64_t *out, const char *verb, const char *text)
{
    char shown[100];
    if (sb_time_parse(out, text, strlen(text), false))
        return 0;
    return sb_cli_usage(verb, "\"%s\" is not a time. Write it as 2026-11-25T10:00:00Z.",
                        sealbag_text_escape(shown, sizeof(shown), text));
}

int64_t sb_cli_now(void)
{
    return (int64_t)time(NULL);
}

bool sb_cli_can_ask(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

bool sb_cli_ask(const char *question)
{
    char answer[16] = "";
    (void)fflush(stdout);
    /* What was typed or pasted before the question is no answer to it. */
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
    fprintf(stderr, "%s [yes/no] ", question);
    (void)fflush(stderr);
    if (fgets(answer, sizeof(answer), stdin) == NULL || sb_process_stopped()) {
        fputc('\n', stderr); /* no answer is one, too */
        return false;
    }
    answer[strcspn(answer, "\r\n")] = 0;
    if (strcmp(answer, "yes") == 0)
        return true;
    if (strcmp(answer, "no") != 0)
        fputs("Only \"yes\" is yes. This was taken for no.\n", stderr);
    return false;
}
