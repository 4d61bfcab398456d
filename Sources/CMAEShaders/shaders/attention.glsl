// What the three steps of attention share: z counts image · heads + head; scores are (images · heads, tokens, tokens).
layout(push_constant) uniform Problem { uint tokens, heads, width; float scale; };

// First element of a head's queries (part 0), keys (1) or values (2) of one token.
uint place(uint part, uint token) {
    uint image = gl_WorkGroupID.z / heads, head = gl_WorkGroupID.z % heads, hidden = heads * width;
    return ((image * tokens + token) * 3 + part) * hidden + head * width;
}
