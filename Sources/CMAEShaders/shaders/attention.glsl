// What the products of attention share: z counts matrices from `first`, the number image · heads + head; scores are
// (matrices of the dispatch, tokens, tokens).
layout(push_constant) uniform Problem { uint first, tokens, heads, width; float scale; };

uint image() { return (first + gl_WorkGroupID.z) / heads; }
uint head() { return (first + gl_WorkGroupID.z) % heads; }

// First element of a head's queries (part 0), keys (1) or values (2) of one token.
uint place(uint part, uint token) {
    uint hidden = heads * width;
    return ((image() * tokens + token) * 3 + part) * hidden + head() * width;
}
