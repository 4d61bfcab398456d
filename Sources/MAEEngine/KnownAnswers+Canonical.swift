extension KnownAnswers {
    /// What class `canonical-v1` answers; a change here is a new class.
    static let canonical: [String: String] = [
        "layernorm": "6ffe131af3cba43cf845ba91ecaf7531dea62915d0cbe0e0a6406aa99b4d18ef",
        "attention": "2c077ecd623e7c8b802fe9b79d6dbbe424cb538b4cb06cd6cf73bea415a7f0e4",
        "mean": "736d22885b48391d31541316ecfa3ecb8cb9b70ad359cb67a80619f0231e3b2f",
        "linear": "c621bdd0ca4839a60270a6f4cb1bb0c542a55dc2b729ce781480e0bb2f7a4d05",
        "linear+gelu": "6e796d82322934c569690f528315de7cfa1c850e353d43cc684d3defacfb9e84",
        "linear+geluTanh": "dec4adacc45f14a85a97fd4cdfca24e4afe6ab5bd11e07e628efd9f8703c1425",
        "linear+quickGELU": "3280e99ef1753027388c5aa36990829c266e2409f9f6f329f1b04c53b3a6b0dc",
        "linear+relu": "dd01ba85c6937e8065382c0f3a0927dcfc1682821f17dc8f679ab7ad7fcc9040",
        "linear+silu": "244bcd808fde549ef68ee5bf4b882241324390101342d52f8fb119cc33097123",
        "linear+selu": "cb44237fcf9acb45fba42161199d1eefd7543fc15b2ec4c7cfce527b5afee5b9",
        "model": "f9b6214c186825628bb525f89f391246b4c57de9d8b2e2818ddb7b0371367bf2",
    ]
}
