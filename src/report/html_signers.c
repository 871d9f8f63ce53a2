/* Who sealed it, the seal id, and what that proves. */
#include <string.h>

#include "report/html.h"
#include "report/qr.h"

struct state {
    const char *class, *symbol, *text;
};

static struct state state_of(const struct sb_page *page, enum sealbag_signature_state state,
                             enum sealbag_trust_state trust, bool intact)
{
    switch (state) {
    case SEALBAG_SIGNATURE_INVALID:
        return (struct state){"bad", "\xe2\x9c\x98", SB_TR(page, "Invalid signature")};
    case SEALBAG_SIGNATURE_MISSING:
        return (struct state){"careful", "!", SB_TR(page, "The signature is missing")};
    case SEALBAG_SIGNATURE_NOT_CHECKABLE:
        return (struct state){"unknown", "?",
                              SB_TR(page, "Not checkable: the key is not known here")};
    case SEALBAG_SIGNATURE_VALID:
        break;
    }
    if (!intact)
        return (struct state){"bad", "\xe2\x9c\x98",
                              SB_TR(page, "Valid, but for other content than this")};
    switch (trust) {
    case SEALBAG_TRUST_TRUSTED:
        return (struct state){"good", "\xe2\x9c\x94", SB_TR(page, "Valid, and the key is trusted")};
    case SEALBAG_TRUST_NOT_YET_VALID:
        return (struct state){"careful", "!", SB_TR(page, "Valid, but the key is NOT VALID YET")};
    case SEALBAG_TRUST_EXPIRED:
        return (struct state){"careful", "!", SB_TR(page, "Valid, but the key has EXPIRED")};
    case SEALBAG_TRUST_REVOKED:
        return (struct state){"bad", "\xe2\x9c\x98", SB_TR(page, "Valid, but the key was REVOKED")};
    case SEALBAG_TRUST_UNKNOWN:
        break;
    }
    return (struct state){"unknown", "?",
                          SB_TR(page, "Valid, but the key is unknown: it does not tell who it is")};
}

void sb_html_state(struct sb_page *page, enum sealbag_signature_state state,
                   enum sealbag_trust_state trust, bool intact)
{
    struct state shown = state_of(page, state, trust, intact);
    fprintf(page->to,
            "<td class=\"answer %s\"><span class=\"mark\" aria-hidden=\"true\">%s</span> ",
            shown.class, shown.symbol);
    sb_html_text(page, shown.text);
    sb_html_raw(page, "</td>");
}

void sb_html_heads(struct sb_page *page, const char *class, const char *const *heads, size_t count)
{
    fprintf(page->to, "<table class=\"%s\">\n<thead><tr>", class);
    for (size_t i = 0; i < count; i++) {
        sb_html_raw(page, "<th scope=\"col\">");
        sb_html_text(page, SB_TR(page, heads[i]));
        sb_html_raw(page, "</th>");
    }
    sb_html_raw(page, "</tr></thead>\n<tbody>\n");
}

void sb_html_fingerprint(struct sb_page *page, const char *fingerprint)
{
    static const char prefix[] = "SHA256:";
    size_t skip = sizeof(prefix) - 1;
    if (strncmp(fingerprint, prefix, skip) != 0) {
        sb_html_text(page, SB_TR(page, "not known"));
        return;
    }
    sb_html_raw(page, "<code>SHA256:</code><wbr>");
    sb_html_groups(page, fingerprint + skip, strlen(fingerprint + skip));
}

static void show_signer(struct sb_page *page, const struct sealbag_signature *signature)
{
    sb_html_raw(page, "<tr><th scope=\"row\">");
    if (signature->known_as != NULL)
        sb_html_name(page, signature->known_as);
    else
        sb_html_text(page, SB_TR(page, "nobody in your trust store"));
    sb_html_raw(page, "</th>\n<td>");
    sb_html_fingerprint(page, signature->fingerprint);
    sb_html_raw(page, "</td>\n<td>");
    sb_html_text(page, signature->seal ? SB_TR(page, "seal") : SB_TR(page, "countersignature"));
    sb_html_raw(page, "</td>\n");
    sb_html_state(page, signature->state, signature->trust,
                  page->verdict->intact == SEALBAG_INTACT);
    sb_html_raw(page, "</tr>\n");
}

/* Four squares of margin are part of a code (ISO/IEC 18004, 6.3.8). */
enum { QUIET = 4 };

static int show_code(struct sb_page *page, const char *text)
{
    struct sb_qr qr;
    int r = sb_qr_make(&qr, text);
    if (r < 0)
        return r;
    unsigned side = qr.width + 2 * QUIET;
    fprintf(page->to,
            "<svg class=\"code\" role=\"img\" viewBox=\"0 0 %u %u\" shape-rendering=\"crispEdges\">"
            "<title>",
            side, side);
    sb_html_text(page, SB_TR(page, "QR code of the seal id, which stands beside it as text"));
    fprintf(page->to, "</title><path fill=\"#fff\" d=\"M0 0h%uv%uH0z\"/><path fill=\"#000\" d=\"",
            side, side);
    for (unsigned y = 0; y < qr.width; y++) {
        for (unsigned x = 0; x < qr.width; x++) {
            unsigned run = 0;
            while (x + run < qr.width && qr.dark[y * qr.width + x + run] != 0)
                run++;
            if (run > 0)
                fprintf(page->to, "M%u %uh%uv1h-%uz", x + QUIET, y + QUIET, run, run);
            x += run;
        }
    }
    sb_html_raw(page, "\"/></svg>\n");
    sb_qr_free(&qr);
    return 0;
}

static int show_seal_id(struct sb_page *page)
{
    const char *id = page->verdict->seal_id;
    sb_html_element(page, "h3", SB_TR(page, "Seal id"));
    sb_html_raw(page, "<div class=\"sealid\">\n");
    int r = show_code(page, id);
    sb_html_raw(page, "<div><p class=\"first\">");
    sb_html_groups(page, id, 32);
    sb_html_raw(page, "</p>\n<p class=\"rest\">");
    sb_html_groups(page, id + 32, strlen(id + 32));
    sb_html_raw(page, "</p>\n<p>");
    sb_html_text(page, SB_TR(page, "It identifies exactly this bag. To make sure that two people "
                                   "have the same one, compare the first 32 digits, which are the "
                                   "first line, by another way than the bundle came."));
    sb_html_raw(page, "</p></div>\n</div>\n");
    return r;
}

int sb_html_signers(struct sb_page *page)
{
    static const char *const heads[] = {SB_N("Name in your trust store"),
                                        SB_N("Fingerprint of the key"), SB_N("Kind"),
                                        SB_N("Signature and key")};
    const struct sealbag_verdict *verdict = page->verdict;
    int r = 0;
    sb_html_section(page, "signers", SB_TR(page, "Who sealed it"));
    if (verdict->signature_count == 0) {
        sb_html_element(page, "p",
                        verdict->intact == SEALBAG_INTACT && !verdict->sealed
                            ? SB_TR(page, "Nobody: the bag has no seal.")
                            : SB_TR(page, "Not known."));
    } else {
        sb_html_heads(page, "signers", heads, 4);
        for (size_t i = 0; i < verdict->signature_count; i++)
            show_signer(page, &verdict->signature[i]);
        sb_html_raw(page, "</tbody></table>\n");
        sb_html_element(page, "p",
                        SB_TR(page,
                              "Names are those that your trust store gives to keys. People compare "
                              "fingerprints, to the last character, by another way than the bundle "
                              "came, such as the phone."));
        if (verdict->countersignatures_count)
            sb_html_element(page, "p", SB_TR(page, "Countersignatures count, as asked."));
    }
    if (page->tells && page->sealed && strlen(verdict->seal_id) == 64)
        r = show_seal_id(page);
    sb_html_raw(page, "</section>\n");
    return r;
}
