// Where vectors lie between two steps: each has a place of its own, and stays there until the next
// token comes by, Interval cycles later. Only x, to which attention and MLP add, has to stay longer
// and is kept for each stream.
module workbench (
    input  logic               clk,
    // RMSNorm's results
    input  logic [16*16-1:0]   normed,
    input  logic               takes_x1,
    input  logic [1:0]         x1_stream,
    input  logic               takes_h1,
    input  logic               takes_h2,
    // the engine's inputs
    // verilator lint_off UNUSEDSIGNAL
    input  fixed::command_t    command_b,
    // verilator lint_on UNUSEDSIGNAL
    input  logic [4*256-1:0]   weights,  // attention's
    output logic [2*256-1:0]   b,
    // what the engine's results are added to
    // verilator lint_off UNUSEDSIGNAL
    input  fixed::command_t    command_residual,
    // verilator lint_on UNUSEDSIGNAL
    output logic [8*16-1:0]    residual,  // a cycle later
    // and the results
    input  fixed::command_t    command_out,
    input  logic [8*16-1:0]    results,
    output logic [16*16-1:0]   x2
);
  logic [255:0] h1 /* verilator public_flat_rd */, h2 /* verilator public_flat_rd */;
  logic [255:0] q /* verilator public_flat_rd */, mixed_heads /* verilator public_flat_rd */;
  logic [255:0] x3 /* verilator public_flat_rd */;
  logic [8*128-1:0] u /* verilator public_flat_rd */;
  logic [127:0] x_low[4] /* verilator public_flat_rd */, x_high[4] /* verilator public_flat_rd */;

  // 1. What comes goes to its place. Results come eight at a time.
  always_ff @(posedge clk) begin
    if (takes_h1) h1 <= normed;
    if (takes_h2) h2 <= normed;
    if (command_out.valid)
      case (command_out.op)
        fixed::OpQuery:  q[128*command_out.index[0]+:128] <= results;
        fixed::OpAttend: mixed_heads[128*command_out.index[0]+:128] <= results;
        fixed::OpMix:    x2[128*command_out.index[0]+:128] <= results;
        fixed::OpUp:     u[128*command_out.index+:128] <= results;
        fixed::OpDown:   x3[128*command_out.index[0]+:128] <= results;
        default: ;
      endcase
  end

  // 2. x of each stream, in two halves, as results come.
  logic writes_low, writes_high;
  logic [1:0] write_stream, read_stream;
  logic is_mixed;
  assign is_mixed = command_out.valid && command_out.op == fixed::OpMix;
  assign writes_low = takes_x1 || (is_mixed && !command_out.index[0]);
  assign writes_high = takes_x1 || (is_mixed && command_out.index[0]);
  assign write_stream = takes_x1 ? x1_stream : command_out.stream;
  assign read_stream = command_residual.stream;
  always_ff @(posedge clk) begin
    if (writes_low) x_low[write_stream] <= takes_x1 ? normed[127:0] : results;
    if (writes_high) x_high[write_stream] <= takes_x1 ? normed[255:128] : results;
  end
  logic [127:0] x_half;
  assign x_half = command_residual.index[0] ? x_high[read_stream] : x_low[read_stream];
  for (genvar i = 0; i < 8; i++) begin : g_residual
    logic signed [15:0] x;
    assign x = x_half[16*i+:16];
    always_ff @(posedge clk)
      residual[16*i+:16] <= (command_residual.op == fixed::OpDown) ? fewer_bits(x) : x;
  end

  // x before mlp_fc2's result is added: with ResidualShift bits less behind the point.
  function automatic logic signed [15:0] fewer_bits(input logic signed [15:0] n);
    if (model::ResidualShift == 0) fewer_bits = n;
    else fewer_bits = fixed::saturate16((40'(n) + ((40'sd1 <<< model::ResidualShift) >>> 1))
                                        >>> model::ResidualShift);
  endfunction

  // 3. The engine's inputs. Only attention's are not the same for all dot products: a head's
  // weights go to its own four dimensions.
  logic [255:0] all;
  always_comb begin
    case (command_b.op)
      fixed::OpScore: all = q;
      fixed::OpMix:   all = mixed_heads;
      fixed::OpUp:    all = h2;
      fixed::OpDown:  all = u[256*command_b.index[2:1]+:256];
      fixed::OpHead:  all = x3;
      default:        all = h1;
    endcase
    b = (command_b.op == fixed::OpAttend)
        ? (command_b.index[0] ? weights[1023:512] : weights[511:0]) : {all, all};
  end
endmodule
