/* How the report looks. tests/cli/test_report.sh computes the contrast of each pair of a `color`
 * and a `background` (WCAG 2.1, 1.4.3): so both stand in one rule. */
#ifndef SB_REPORT_HTML_STYLE_H
#define SB_REPORT_HTML_STYLE_H

/* In pieces, since a compiler need not take longer strings. */
static const char *const sb_html_style[] = {
    ":root{color-scheme:light}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1.5rem 1.5rem 4rem;max-width:62rem;color:#1b1b1b;background:#fff;"
    "font:16px/1.5 \"Source Sans 3\",\"Noto Sans\",\"Liberation Sans\",\"DejaVu Sans\",Arial,"
    "sans-serif;overflow-wrap:break-word}\n"
    "bdi,td code,pre{overflow-wrap:anywhere}\n"
    "h1{font-size:1.7rem;line-height:1.25;margin:0 0 1rem}\n"
    "h1 small{display:block;font-size:1rem;font-weight:normal;color:#4a4a4a;background:#fff}\n"
    "h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:2px solid "
    "#1b1b1b}\n"
    "h3{font-size:1.05rem;margin:1.5rem 0 .5rem}\n"
    "p{margin:.5rem 0}\n"
    "ul,ol{margin:.5rem 0;padding-left:1.4rem}\n"
    "li{margin:.3rem 0}\n"
    "code,pre,time{font-variant-numeric:tabular-nums}\n"
    "code,pre{font-family:\"DejaVu Sans Mono\",\"Liberation Mono\",Menlo,Consolas,monospace;"
    "font-size:.86em}\n"
    "small{font-size:.8em}\n"
    "svg text{unicode-bidi:isolate}\n",

    /* answers: colour, symbol and word */
    ".headline{display:flex;gap:.75rem;align-items:center;font-size:1.35rem;line-height:1.3;"
    "padding:1rem 1.25rem;border:2px solid;border-left-width:.75rem;border-radius:.25rem;"
    "margin:0 0 1rem}\n"
    ".headline h2{border:0;margin:0;padding:0}\n"
    ".mark{display:inline-block;min-width:1.1em;text-align:center;font-weight:bold}\n"
    ".headline .mark{font-size:1.6em;line-height:1}\n"
    ".good{color:#0b4a23;background:#e6f4ea;border-color:#1a7f3c}\n"
    ".careful{color:#5c3a00;background:#fff3d6;border-color:#b26b00}\n"
    ".bad{color:#7d0f12;background:#fde8e8;border-color:#b3261e}\n"
    ".unknown{color:#333a45;background:#eceff3;border-color:#5f6b7a}\n"
    ".note{color:#1b1b1b;background:#f4f5f7;border-color:#7a8594}\n"
    ".answer{font-weight:bold}\n",

    /* tables */
    "table{width:100%;border-collapse:collapse;margin:.75rem 0;font-size:.94rem}\n"
    "th,td{padding:.4rem .6rem;border:1px solid #8a8f98;text-align:left;vertical-align:top;"
    "font-weight:normal}\n"
    "thead th{color:#1b1b1b;background:#e9ebee;font-weight:bold}\n"
    "tbody th{font-weight:600}\n"
    ".questions th[scope=row],.questions td.answer{width:24%}\n"
    ".signers th:first-child{width:22%}.signers td.answer{width:26%}\n"
    ".custody th[scope=row]{text-align:right}.custody thead "
    "th:first-child{white-space:nowrap}.custody td.answer{width:20%}\n"
    ".labels th:first-child{width:34%}\n"
    ".records{table-layout:fixed}\n"
    ".records thead th:first-child{width:34%}\n"
    ".records th[scope=rowgroup]{color:#1b1b1b;background:#f4f5f7;font-weight:bold;"
    "border-top:2px solid #1b1b1b}\n"
    ".records small{display:block;color:#4a4a4a;background:#fff;font-weight:normal}\n"
    ".documents{table-layout:fixed;font-size:.85rem}\n"
    ".documents thead th:nth-child(1){width:4.2rem}.documents thead th:nth-child(3){width:8.5rem}\n"
    ".documents thead th:nth-child(4){width:19.5rem}\n"
    ".documents td:nth-child(1),.documents td:nth-child(3){text-align:right;"
    "font-variant-numeric:tabular-nums}\n"
    ".documents tbody th{font-weight:normal}\n"
    ".documents td:nth-child(4){font-family:\"DejaVu Sans Mono\",\"Liberation Mono\",Menlo,"
    "Consolas,monospace;font-size:.86em}\n",

    /* parts */
    ".facts{display:grid;grid-template-columns:max-content 1fr;margin:1rem 0}\n"
    ".facts div{display:contents}\n"
    ".facts dt{padding:.2rem 1.5rem .2rem 0;color:#4a4a4a;background:#fff}\n"
    ".facts dd{margin:0;padding:.2rem 0}\n"
    ".groups{white-space:normal}\n"
    ".groups span{display:inline-block;margin-right:.55em}\n"
    ".sealid{display:flex;gap:1.5rem;align-items:flex-start}\n"
    ".sealid .first{font-size:1.3rem;font-weight:bold;margin-top:.25rem}\n"
    ".sealid .rest{color:#4a4a4a;background:#fff}\n"
    ".code{flex:none;width:9.5rem;height:9.5rem}\n"
    ".columns{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}\n"
    ".columns h3{margin-top:.25rem}\n"
    ".advice{padding:.75rem 1rem;border:1px solid #8a8f98;border-left-width:.4rem}\n"
    ".findings{list-style:none;padding:0}\n"
    ".finding{padding:.4rem .8rem;border-left:.4rem solid;margin:.4rem 0}\n"
    ".finding p{margin:0}\n"
    ".original{font-style:italic}\n"
    ".stated{padding:.4rem .8rem;border-left:.4rem solid "
    "#5f6b7a;color:#333a45;background:#eceff3}\n"
    ".nobody{border-left-color:#b26b00;color:#5c3a00;background:#fff3d6}\n"
    "pre{margin:.4rem 0;padding:.6rem .8rem;color:#1b1b1b;background:#f4f5f7;border:1px solid "
    "#c3c7cd;white-space:pre-wrap}\n"
    ".steps>li{margin:.8rem 0}\n"
    "footer{margin-top:3rem;padding-top:.75rem;border-top:1px solid #8a8f98;font-size:.85rem;"
    "color:#4a4a4a;background:#fff}\n",

    /* the graph; the letters of the classes stand for kinds of relations and targets */
    ".graph{display:block;width:100%;height:auto;margin:.75rem auto}\n"
    ".graph rect{fill:#fff;stroke:#1b1b1b;stroke-width:1.3}\n"
    ".graph .t1 rect,.graph .t2 rect{fill:#f4f5f7;stroke-dasharray:4 3}\n"
    ".graph .name{font-size:12px;font-weight:600;fill:#1b1b1b}\n"
    ".graph .where{font-size:10.5px;fill:#4a4a4a}\n"
    ".graph .word{font-size:11px;font-style:italic;text-anchor:middle;fill:#1b1b1b;stroke:#fff;"
    "stroke-width:4px;paint-order:stroke}\n"
    ".link{fill:none;stroke-width:1.6}\n"
    "marker path{fill:context-stroke}\n"
    ".k0 .link{stroke:#1f4e8c}\n"
    ".k1 .link{stroke:#7d0f12;stroke-dasharray:7 3}\n"
    ".k2 .link{stroke:#0b4a23;stroke-width:2.6}\n"
    ".k3 .link{stroke:#5c3a00;stroke-dasharray:2 3}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:.25rem 1.75rem;list-style:none;padding:0;"
    "justify-content:center;font-size:.9rem}\n"
    ".legend svg{width:2.75rem;height:.65rem}\n",

    "@media (max-width:44rem){body{padding:1rem}.columns,.facts{grid-template-columns:1fr}"
    ".sealid{flex-wrap:wrap}.documents thead th:nth-child(4){width:45%}"
    ".documents thead th:nth-child(3){width:5rem}.documents thead th:nth-child(1){width:2.5rem}}\n"
    "@page{margin:16mm 15mm 18mm;@bottom-right{content:counter(page) \" / \" counter(pages);"
    "font-size:9pt}}\n"
    "@media print{body{max-width:none;padding:0;font-size:10pt;line-height:1.4}"
    "h1{font-size:16pt}h2{font-size:12.5pt;margin-top:16pt}h3{font-size:10.5pt}"
    ".headline{font-size:13pt}table{font-size:9pt}.documents{font-size:8pt}"
    ".documents thead th:nth-child(4){width:60mm}.documents thead th:nth-child(3){width:24mm}"
    ".documents thead th:nth-child(1){width:12mm}.sealid .first{font-size:12pt}"
    "h2,h3,.stated,.records "
    "tr:has([scope=rowgroup]){break-after:avoid}thead{display:table-header-group}"
    "tr,.finding,.advice,.sealid,.stated,.headline,pre,.graph{break-inside:avoid}"
    ".columns>div{break-inside:avoid}.legend{break-before:avoid}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n",
};

#endif
