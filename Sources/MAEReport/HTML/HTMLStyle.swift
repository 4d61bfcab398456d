/// The style sheet of the HTML report, for light and dark.
enum HTMLStyle {
    static let sheet = """
        :root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--page:#fcfcfd;--card:#fff;--line:#d9d9e0;
        --good:#30a46c;--goodbg:#e6f6eb;--close:#0090ff;--closebg:#e6f4fe;--bad:#e5484d;--badbg:#feebec;
        --warn:#d98d00;--warnbg:#fff7c2}
        @media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--page:#111113;--card:#18191b;--line:#363a3f;
        --goodbg:#132d21;--closebg:#0d2847;--badbg:#3b1219;--warnbg:#302008}}
        *{box-sizing:border-box}
        body{margin:0;overflow-wrap:anywhere;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:1000px;margin:0 auto;padding:24px 20px 64px}
        h1{font-size:26px;margin:0 0 6px;line-height:1.2}h2{font-size:18px;margin:32px 0 10px}
        h3{font-size:15px;font-weight:600;margin:14px 0 6px}
        p{margin:6px 0}code,.cell,.number{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.92em}
        pre{margin:8px 0 2px;overflow-x:auto}pre code{overflow-wrap:normal}
        .banner{border:1px solid var(--line);border-left:8px solid var(--warn);border-radius:8px;padding:18px 22px;
        background:var(--warnbg)}
        .banner.agree{border-left-color:var(--good);background:var(--goodbg)}
        .banner.disagree{border-left-color:var(--bad);background:var(--badbg)}
        .banner.live{border-left-color:var(--close);background:var(--closebg)}
        .sentence{font-size:17px}.facts{color:var(--soft);font-size:13px}
        .finding{border:1px solid var(--line);border-left:5px solid var(--line);border-radius:6px;background:var(--card);
        padding:10px 16px;margin:10px 0}
        .finding.error{border-left-color:var(--bad)}.finding.warning{border-left-color:var(--warn)}
        .tag{color:var(--soft);font-size:13px;margin:0}.cause{font-weight:600}
        .finding ul{margin:6px 0;padding-left:20px;color:var(--soft)}
        .runbook summary{font-size:13px;font-weight:500;color:var(--soft);margin:8px 0 0}.runbook p{margin:4px 0}
        .remedy{border-top:1px solid var(--line);padding-top:8px;margin-top:8px}
        .wide{overflow-x:auto}.tall{max-height:70vh;overflow-y:auto}table{border-collapse:collapse;width:100%;font-size:14px}
        th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);white-space:nowrap}
        thead th{color:var(--soft);font-weight:500}.number,th.number{text-align:right}
        .wide th[scope=row]{position:sticky;left:0;background:var(--page)}
        .tall thead th{position:sticky;top:0;background:var(--page);z-index:1}
        td.words,.words td{white-space:normal;min-width:14em}
        .cell.identical{background:var(--goodbg)}.cell.close{background:var(--closebg)}
        .cell.differs{background:var(--badbg)}.cell.lost{background:var(--warnbg)}
        .legend{font-size:13px}.legend span{padding:2px 8px;border-radius:4px;margin-right:6px;display:inline-block}
        summary{cursor:pointer;font-size:16px;font-weight:600;margin:16px 0 8px}section:has(>details){margin-top:4px}
        .progress{height:8px;min-width:80px;border-radius:4px;background:var(--line);overflow:hidden}
        .progress div{height:8px;background:var(--close)}.banner .progress{margin:8px 0}
        .notices{list-style:none;padding:0;margin:0;font-size:14px}.notices li{padding:3px 0}
        .notices .warning{color:var(--bad)}.time{color:var(--soft);margin-right:8px}
        tr.gone th,tr.gone td{background:var(--warnbg)}
        .pictures{display:flex;flex-wrap:wrap;gap:16px}.pictures img{image-rendering:pixelated;min-width:128px}
        .maps{display:flex;flex-wrap:wrap;gap:18px}.maps>*{max-width:100%}
        svg text{fill:var(--soft);font:12px system-ui,sans-serif}svg .head{fill:var(--ink);font-weight:600}
        rect.identical{fill:var(--good)}rect.close{fill:var(--close)}rect.differs{fill:var(--bad)}
        rect.diagonal{fill:var(--line)}
        figure{margin:14px 0;overflow-x:auto}figcaption{font-size:14px;margin-bottom:4px}
        .maps figure{margin:0}.maps figcaption{margin:4px 0 0;max-width:180px;font-size:13px}
        svg.plot{width:100%;height:auto;min-width:520px;max-width:720px}
        .bar{fill:var(--bad)}.grid{stroke:var(--line)}.atol{stroke:var(--ink);stroke-dasharray:5 4}
        @media(max-width:480px){main{padding:14px 12px 48px}.banner{padding:14px 16px}h1{font-size:22px}}
        """
}
