extension HTMLReport {
  /// Light and dark by what the reader's system says; on paper always light.
  static let style: StaticString = """
    <style>
    :root{--page:#fff;--card:#f6f7f9;--ink:#1c2430;--quiet:#5b6675;--rule:#dde2e9;--server:#c2570c;--client:#1d5fd1;\
    --both:#7a3fb5;--none:#a9b3c0;--cause:#2c6e63;--critical:#b42318;--warning:#a15c07;--info:#1d5fd1;--good:#1a7f37}
    @media (prefers-color-scheme:dark){@media screen{:root{--page:#12161c;--card:#1b212a;--ink:#e6eaf0;--quiet:#9aa6b5;\
    --rule:#2e3743;--server:#f4a261;--client:#7fb0ff;--both:#c79bf2;--none:#566273;--cause:#6cc3b2;--critical:#ff8a80;\
    --warning:#f2c063;--info:#7fb0ff;--good:#74d28c}}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
    "DejaVu Sans",sans-serif}
    main{max-width:1100px;margin:0 auto;padding:24px}
    h1{font-size:1.5rem;margin:0 0 .25rem;overflow-wrap:anywhere}
    h2{font-size:1.1rem;margin:0 0 .6rem}
    h3{font-size:.95rem;margin:0 0 .3rem}
    p{margin:.2rem 0;overflow-wrap:anywhere}
    section{margin:1.8rem 0}
    code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.92em}
    .quiet{color:var(--quiet);font-size:.88rem}
    .notice{border-left:4px solid var(--warning);padding-left:.7rem}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px}
    .tile{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 14px;display:flex;\
    flex-direction:column}
    .tile strong{font-size:1.5rem;line-height:1.3}
    .tile .name{font-size:.85rem}
    .finding{background:var(--card);border:1px solid var(--rule);border-left:5px solid var(--info);border-radius:8px;\
    padding:10px 14px;margin:0 0 10px}
    .finding.critical{border-left-color:var(--critical)}
    .finding.warning{border-left-color:var(--warning)}
    .finding.good{border-left-color:var(--good)}
    .badge{display:inline-block;border:1px solid currentColor;border-radius:10px;padding:0 8px;margin-right:8px;\
    font-size:.78rem;font-weight:600;color:var(--info)}
    .critical .badge{color:var(--critical)}
    .warning .badge{color:var(--warning)}
    .advice{color:var(--quiet);font-size:.92rem}
    .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:28px}
    figure{margin:0}
    figcaption{display:flex;gap:18px;font-size:.88rem}
    .chart{width:100%;height:auto;display:block;font-size:12px}
    .chart text{fill:var(--quiet)}
    .grid{stroke:var(--rule);stroke-width:1}
    .line{fill:none;stroke-width:2;stroke-linejoin:round}
    .line.server{stroke:var(--server)}
    .line.client{stroke:var(--client);stroke-dasharray:6 3}
    .area{opacity:.14}
    .bar{width:100%;height:12px;display:block;border-radius:3px}
    td .bar{min-width:110px;margin:5px 0 2px}
    .scroll td .bar{max-width:150px}
    .swatch{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.45em}
    .legend{list-style:none;margin:.6rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.9rem}
    rect.server,polygon.server{fill:var(--server)}.swatch.server{background:var(--server)}
    rect.client,polygon.client{fill:var(--client)}.swatch.client{background:var(--client)}
    rect.both{fill:var(--both)}.swatch.both{background:var(--both)}
    rect.none,rect.shade0{fill:var(--none)}.swatch.none,.swatch.shade0{background:var(--none)}
    rect.shade1,rect.cause{fill:var(--cause)}.swatch.shade1{background:var(--cause)}
    rect.shade2{fill:var(--critical)}.swatch.shade2{background:var(--critical)}
    rect.shade3{fill:var(--warning)}.swatch.shade3{background:var(--warning)}
    rect.shade4{fill:var(--both)}.swatch.shade4{background:var(--both)}
    rect.shade5{fill:var(--client)}.swatch.shade5{background:var(--client)}
    rect.rest{fill:var(--rule)}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-size:.9rem}
    th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--rule);vertical-align:top}
    thead th{font-weight:600;color:var(--quiet);font-size:.82rem;vertical-align:bottom}
    tbody th{font-weight:500;white-space:nowrap}
    .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:18px}
    .bars th{width:11rem}
    .wide{width:60%}
    footer{color:var(--quiet);font-size:.82rem;border-top:1px solid var(--rule);padding-top:.8rem;margin-top:2rem}
    @media print{
    @page{margin:14mm}
    body{font-size:10pt}
    main{max-width:none;padding:0}
    *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
    section{margin:1.1rem 0}
    .finding,.tile,figure,tr,.pair>div{break-inside:avoid}
    h2{break-after:avoid}
    .scroll{overflow:visible}
    table{font-size:8.5pt}
    .tiles{grid-template-columns:repeat(5,1fr)}
    .tile strong{font-size:1.1rem}
    td .bar{min-width:60px}
    tbody th{white-space:normal;overflow-wrap:anywhere}
    }
    </style>
    """
}
