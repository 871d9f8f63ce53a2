/* The keys that sign: what --key names, and what is said while ssh-agent is asked. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

enum { TRIES_MAX = 3, SHOWN = 400 };

/* A line that is being drawn on the terminal, such as the progress, gives way. */
static void clear_line(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* Yes, unless it is answered otherwise. */
static bool ask_again(int tty)
{
    char answer[64];
    (void)tcflush(tty, TCIFLUSH);
    dprintf(tty, "Try again? [Y/n] ");
    ssize_t n = read(tty, answer, sizeof(answer));
    return n > 0 && answer[0] != 'n' && answer[0] != 'N';
}

/* 0: the agent is asked once more. */
static int refused(unsigned tries)
{
    clear_line();
    if (isatty(STDERR_FILENO)) {
        int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (tty >= 0) {
            sb_cli_say(false, "The ssh-agent did not sign: the key was not touched in time, or its "
                              "use was not allowed.");
            bool again = ask_again(tty);
            close(tty);
            return again ? 0 : 1;
        }
    }
    if (tries >= TRIES_MAX)
        return 1;
    sb_cli_say(false, "The ssh-agent did not sign; it is asked again (%u of %d).", tries + 1,
               TRIES_MAX);
    return 0;
}

/* A sealbag_agent_fn. */
static int on_agent(void *context, enum sealbag_agent_event event, const char *comment,
                    unsigned tries)
{
    char shown[SHOWN];
    (void)context;
    switch (event) {
    case SEALBAG_AGENT_WAITING:
        return sb_process_stopped() ? 1 : 0;
    case SEALBAG_AGENT_TOUCH:
        clear_line();
        sb_cli_say(false, "Touch the security key now, to sign with \"%s\".",
                   sealbag_text_escape(shown, sizeof(shown), comment));
        return 0;
    case SEALBAG_AGENT_REFUSED:
        return sb_process_stopped() ? 1 : refused(tries);
    default:
        return 0;
    }
}

int sb_cli_key_load(struct sealbag_key **out, const char *given, struct sb_passphrases *from)
{
    const struct sealbag_key_options options = {
        .passphrase = sb_passphrase_ask,
        .passphrase_context = from,
        .agent_socket = getenv("SSH_AUTH_SOCK"),
        .agent = on_agent,
    };
    struct sb_error error = {0};
    struct sealbag_key_info info;
    bool world_readable;
    if (sealbag_key_open(out, given, &options, &error) < 0)
        return sb_cli_fail(&error);
    sealbag_key_describe(&info, &world_readable, *out);
    sb_cli_key_warn(world_readable, given);
    return 0;
}

void sb_cli_key_warn(bool world_readable, const char *file)
{
    char shown[1000];
    if (world_readable)
        sb_cli_warn("Others than you can read the secret key %s. Make it yours alone with chmod "
                    "600. [key.readable]",
                    sealbag_text_escape(shown, sizeof(shown), file));
}
