/// The function between the two MLP layers of a block, by the name a configuration gives it (`hidden_act`).
///
/// The names are those of transformers' `ACT2FN`, and `selu`, which its documentation promises. Several names mean one
/// function; the name is kept, so that a configuration is written as it was read.
public enum HiddenActivation: String, Sendable, Hashable, CaseIterable {
    /// `x · Φ(x)` with the error function.
    case gelu
    /// The same as ``gelu``, written out in Python.
    case geluPython = "gelu_python"
    /// The GELU by tanh, of Google's BERT and GPT.
    case geluNew = "gelu_new"
    /// The same as ``geluNew``, as PyTorch's own operator.
    case geluPytorchTanh = "gelu_pytorch_tanh"
    /// The same as ``geluPytorchTanh``, written out in Python.
    case geluPythonTanh = "gelu_python_tanh"
    /// The same as ``geluNew`` up to the rounding of a constant.
    case geluFast = "gelu_fast"
    /// `x · sigmoid(1.702·x)`.
    case quickGELU = "quick_gelu"
    /// `max(x, 0)`.
    case relu
    /// `x · sigmoid(x)`.
    case silu
    /// The same as ``silu``.
    case swish
    /// Scaled exponential linear unit.
    case selu

    /// The names that can be used, for messages.
    static var supportedNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
