extension Operation {
    /// Traps when shapes do not fit each other: programs are written by our own code, from a validated configuration.
    func checkShapes(in program: Program) {
        switch self {
        case .gatherPatches(let images, let kept, let geometry, let output):
            precondition(program[images].columns == geometry.imagePixels, "images have another size")
            precondition(
                program[output] == MatrixShape(rows: program[kept], columns: geometry.patchPixels),
                "patch rows have another shape")
        case .linear(let input, _, _, let residual, let output):
            precondition(program[input].rows == program[output].rows, "a linear layer keeps the row count")
            precondition(residual.map { program[$0] == program[output] } ?? true, "residual and output differ in shape")
            precondition(input != output, "a linear layer cannot work in place")
        case .layerNorm(let input, _, _, let output):
            precondition(program[input] == program[output], "layer norm keeps the shape")
        case .attention(let qkv, let images, let heads, _, let output):
            let shape = program[output]
            precondition(program[qkv] == MatrixShape(rows: shape.rows, columns: 3 * shape.columns), "qkv is 3H wide")
            precondition(images > 0 && shape.rows % images == 0, "images have equal token counts")
            precondition(heads > 0 && shape.columns % heads == 0, "heads divide the width")
        case .assembleTokens(let patches, let kept, _, _, let images, let output):
            precondition(program[patches].rows == program[kept], "one row a kept patch")
            precondition(program[output].rows == program[kept] + images, "one CLS token an image")
            precondition(program[patches].columns == program[output].columns, "tokens keep their width")
        case .restoreTokens(let tokens, let slots, _, _, let images, let output):
            precondition(program[output].rows == program[slots] + images, "one row a patch and one CLS an image")
            precondition(program[tokens].columns == program[output].columns, "tokens keep their width")
            precondition(images > 0 && program[tokens].rows % images == 0, "images have equal token counts")
        case .meanOverTokens(let tokens, let images, let output):
            precondition(images > 0 && program[tokens].rows % images == 0, "images have equal token counts")
            precondition(
                program[output] == MatrixShape(rows: images, columns: program[tokens].columns), "one mean an image")
        case .dropLeadingTokens(let tokens, let count, let images, let output):
            precondition(
                program[output].rows == program[tokens].rows - count * images
                    && program[output].columns == program[tokens].columns, "rows left over have another shape")
        }
    }
}
