/* The library for PDF files is loaded when it is needed, and not with the program. */
#ifndef SB_PRIVACY_PDF_H
#define SB_PRIVACY_PDF_H

/* Before the process is locked in; may be called more than once. */
void sb_pdf_load(void);

#endif
