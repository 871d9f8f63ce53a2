/* The custody chain for people. Everything from a bundle goes through sealbag_text_escape. */
#include <inttypes.h>

#include "report/report.h"

static void print_signer(FILE *to, const struct sealbag_custody_event *event)
{
    char shown[4096];
    const char *state = sb_report_state(event->state, event->trust);
    fprintf(to, "      By:    %s", state);
    if (event->known_as != NULL)
        fprintf(to, "%s%s", state[0] != 0 ? " of " : "",
                sealbag_text_escape(shown, sizeof(shown), event->known_as));
    fprintf(to, "  %s\n", event->by);
}

static void print_line(FILE *to, const char *label, const char *text)
{
    char shown[8192];
    if (text != NULL)
        fprintf(to, "      %-6s %s\n", label, sealbag_text_escape(shown, sizeof(shown), text));
}

int sealbag_custody_print(FILE *to, const struct sealbag_verdict *verdict)
{
    for (size_t i = 0; i < verdict->custody_count; i++) {
        const struct sealbag_custody_event *event = &verdict->custody[i];
        fprintf(to, "%04u  %s  %s\n", event->number,
                event->date[0] != 0 ? event->date : "no date      ",
                event->event != NULL ? event->event : "malformed");
        print_signer(to, event);
        print_line(to, "To:", event->to);
        print_line(to, "Note:", event->note);
        fprintf(to, "      Hash:  %.32s\n", event->sha256);
    }
    if (verdict->custody_head[0] != 0)
        fprintf(to, "Head: %s\n", verdict->custody_head);
    else if (verdict->custody_count == 0)
        fputs("There is no custody event.\n", to);
    return ferror(to) ? SEALBAG_ERR_IO : 0;
}
