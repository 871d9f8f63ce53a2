/* Renderings of a verdict. This room reads verdicts only. */
#ifndef SB_REPORT_REPORT_H
#define SB_REPORT_REPORT_H

#include <sealbag/sealbag.h>

/* A JSON string of any bytes: valid UTF-8 as it is, with control and invisible characters as \u
 * escapes; bytes that are not UTF-8 as the text \xNN. */
void sb_json_string(FILE *to, const char *text);

/* ,"name":value, which is null for NULL and for "". */
void sb_json_field(FILE *to, const char *name, const char *value);

/* {"rule":...,"sentence":...} */
void sb_json_error(FILE *to, const struct sb_error *error);
/* The beginning of what a command prints: its format, and the verdict on the bundle called `label`,
 * or null for NULL. */
void sb_json_begin(FILE *to, const char *format, const char *label,
                   const struct sealbag_verdict *verdict);
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

/* How good an answer is. */
enum sb_grade { SB_GOOD, SB_CAREFUL, SB_BAD, SB_UNKNOWN };

/* Whether it has a finding of this rule. */
bool sb_report_has(const struct sealbag_verdict *verdict, const char *rule);
/* Whether nothing else is the matter than that it does not keep to a profile. */
bool sb_report_only_profile(const struct sealbag_verdict *verdict);
/* What the verdict comes to: a sentence in English, which sb_tr translates. */
const char *sb_report_headline(enum sb_grade *grade, const struct sealbag_verdict *verdict);
/* Whether it can be said if it is signed; of what is no bag only that an ordinary folder is not. */
bool sb_report_signing_known(const struct sealbag_verdict *verdict);
/* Whether its seal is trusted as asked, whatever else may be asked for. */
bool sb_report_trusted(const struct sealbag_verdict *verdict);
/* Why a seal by enough signers whom one trusts is not as asked: the next sentence of the same kind,
 * or NULL. *at is 0 at first. */
const char *sb_report_shortfall(size_t *at, const struct sealbag_verdict *verdict);

#endif
