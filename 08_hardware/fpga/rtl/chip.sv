// PORTS ARE FIXED; the body follows.
module chip (
    input  logic        clk,
    input  logic        rst,  // synchronous; a name in the middle is forgotten
    // What to do; read while rst is high, so hold it still from then on.
    input  logic        interleaved,  // 0: stream 0 alone; 1: all four
    input  logic        greedy,       // temperature 0: the most likely token
    input  logic        teach,        // tokens come from in_*, not from the sampler
    input  logic [15:0] inverse_temperature,  // unsigned Q6.10
    input  logic [127:0] seeds,       // states of xorshift32, 32 bits a stream, none 0
    // Tokens to be fed, if teach: taken when both are high.
    input  logic        in_valid,
    output logic        in_ready,
    output logic [1:0]  in_stream,  // whose token it will be
    input  logic [4:0]  in_token,
    input  logic [3:0]  in_position,
    // Tokens drawn: given when both are high.
    output logic        out_valid,
    input  logic        out_ready,
    output logic [1:0]  out_stream,
    output logic [4:0]  out_token,  // 0 to 25: a letter; 26: BOS, the name's end
    output logic        out_end,    // the name ends with this token (BOS, or a 16th letter)
    // For whoever watches: logits of a token, for one cycle.
    output logic         logits_valid,
    output logic [1:0]   logits_stream,
    output logic [863:0] logits  // 27 x 32 bits
);
endmodule
