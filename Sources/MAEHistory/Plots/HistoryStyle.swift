/// What pages of a history add to the style sheet of every page.
enum HistoryStyle {
    static let sheet = """
        :root{--d0:#8ec8f6;--d1:#f3ba63;--d2:#b1a9ff;--d3:#65ba74;--d4:#e796c2;--d5:#81d0c5;--d6:#d3b4a0;--d7:#d5d06e}
        @media(prefers-color-scheme:dark){:root{--d0:#205d9e;--d1:#824a00;--d2:#56468b;--d3:#2d5736;--d4:#692955;
        --d5:#145750;--d6:#5a4338;--d7:#5c5a16}}
        main{max-width:1560px}
        nav{font-size:13px;margin:0 0 14px}nav a{margin-right:14px}
        a{color:inherit}
        .nights{display:flex;align-items:flex-start}
        .nights ol{list-style:none;margin:0;padding:48px 10px 0 0;flex:0 0 clamp(96px,15vw,190px);min-width:0;font-size:13px}
        .nights li{height:20px;line-height:19px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .nights .wide{flex:0 1 auto;direction:rtl;min-width:0}.nights svg{display:block;margin:0 auto 0 0;direction:ltr}
        svg rect.build{fill:var(--d5)}svg rect.lost{fill:var(--warn);fill-opacity:.8}svg rect.differs{fill-opacity:.8}
        svg rect.identical{fill:var(--good);fill-opacity:.45}svg rect.close{fill:var(--close);fill-opacity:.55}
        .gap{stroke:var(--page);stroke-width:1.5}.break{stroke:var(--bad);stroke-width:2;fill:none}.corner{fill:var(--bad)}
        svg .letter{font:11px ui-monospace,"DejaVu Sans Mono",monospace;fill:var(--ink);text-anchor:middle;pointer-events:none}
        svg .day{font-size:9px}svg .month{font-size:12px}
        .legend .cell{padding:2px 8px}.legend .build{background:var(--d5)}
        .legend .identical{background:color-mix(in srgb,var(--good) 45%,transparent)}
        .legend .close{background:color-mix(in srgb,var(--close) 55%,transparent)}
        .legend .differs{background:color-mix(in srgb,var(--bad) 80%,transparent)}
        .legend .lost{background:color-mix(in srgb,var(--warn) 80%,transparent)}
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(320px,100%),1fr));gap:6px 22px}
        .charts figure{margin:4px 0;overflow:visible}.charts svg{width:100%;height:auto;max-width:420px}
        .line{fill:none;stroke-width:1.6;stroke:var(--ink);stroke-linecap:round;stroke-linejoin:round}
        .step{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:4 3}
        .key{font-size:13px}.key span{margin-right:14px;border-bottom:3px solid}
        .wrap{white-space:normal;min-width:16em}
        """
        + (0..<Ribbon.colors).map {
            "svg rect.d\($0){fill:var(--d\($0))}"
                + ($0 == 0 ? "" : ".l\($0){stroke:var(--d\($0))}.key .l\($0){border-color:var(--d\($0))}")
        }.joined()
}
