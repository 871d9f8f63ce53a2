/* Renderings of a verdict. This room reads verdicts only. */
#ifndef SB_REPORT_REPORT_H
#define SB_REPORT_REPORT_H

#include <sealbag/sealbag.h>

/* A JSON string of any bytes: valid UTF-8 as it is, with control and invisible characters as \u
 * escapes; bytes that are not UTF-8 as the text \xNN. */
void sb_json_string(FILE *to, const char *text);

/* {"rule":...,"sentence":...} */
void sb_json_error(FILE *to, const struct sb_error *error);
/* The end of what a command prints: the error, or null for code 0, and the exit code. */
void sb_json_end(FILE *to, const struct sb_error *error, int exit_code);

/* What a signature and its key are, in a few words; "" when it is valid and trusted. */
const char *sb_report_state(enum sealbag_signature_state state, enum sealbag_trust_state trust);

/* The headline and the three answers, and who has signed. */
void sb_report_answers(FILE *to, const char *label, const struct sealbag_verdict *verdict);
/* The bag's name, its seal id and its custody chain in short. */
void sb_report_seal(FILE *to, const struct sealbag_verdict *verdict);
/* A finding, in a line. */
void sb_report_finding(FILE *to, const struct sealbag_finding *finding);

/* Whether what the bag says is anybody's word: that of those whose seals are valid. */
bool sb_report_stated(const struct sealbag_verdict *verdict);

/* Whether nothing else is the matter than that its seal id or custody head was demanded to be
 * another one. */
bool sb_report_only_another(const struct sealbag_verdict *verdict);
/* Whether nothing else is the matter than that it does not keep to a profile. */
bool sb_report_only_profile(const struct sealbag_verdict *verdict);

#endif
