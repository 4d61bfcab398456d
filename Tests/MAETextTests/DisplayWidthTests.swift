import MAEText
import Testing

@Suite("Columns of text")
struct DisplayWidthTests {
    @Test(
        "wide characters and emoji take two columns, accents none",
        arguments: [
            ("node-1", 6), ("", 0), ("Zürich", 6), ("u\u{308}", 1), ("模型", 4), ("ノード1", 7), ("노드", 4), ("🙂", 2),
            ("👩‍💻", 2), ("☎\u{FE0F}", 2), ("☎", 1), ("ｗ", 2), ("Привет", 6), ("…", 1),
        ])
    func columns(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test("text is cut to the columns there are, never in the middle of a character")
    func fits() {
        #expect("模型模型".fitted(to: 8) == "模型模型")
        #expect("模型模型".fitted(to: 7) == "模型模…")
        #expect("模型模型".fitted(to: 6) == "模型…")
        #expect("abcdef".fitted(to: 4) == "abc…")
        #expect("abcdef".fitted(to: 0) == "…")
    }

    @Test("columns of a table line up whatever their cells are written in")
    func table() {
        var table = TextTable(rightAligned: [1])
        table.add("模型", "1", "x")
        table.add("abc", "100", "y")
        #expect(table.text(indentation: 0) == "模型    1  x\nabc   100  y")
    }
}
