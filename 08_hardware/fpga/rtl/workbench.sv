// Where vectors lie between two steps: each has a place of its own, and stays there until the next
// token comes by, Interval cycles later. Only x, to which attention and MLP add, has to stay longer
// and is kept for each stream.
//
// Most lie on a shelf: a small memory, of which one vector is read at a time. That takes far fewer
// gates than a register for each and a choice among them.
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
   input  logic [2*256-1:0]   weights,  // attention's, of two heads
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
  // h1, and h2: the one is not needed any more when the other comes (test_timetable.cpp).
  logic [255:0] h /* verilator public_flat_rd */;
  // Vectors in two halves. Places 0 to 3: u; 4: q; 5: attention's result; 6: x3.
  logic [127:0] shelf_low[8] /* verilator public_flat_rd */, shelf_high[8] /* verilator public_flat_rd */;
  logic [127:0] x_low[4] /* verilator public_flat_rd */, x_high[4] /* verilator public_flat_rd */;

  // 1. What comes goes to its place. Results come eight at a time.
  logic to_shelf, is_mixed;
  logic [2:0] place;
  always_comb begin
    to_shelf = command_out.valid;
    case (command_out.op)
      fixed::OpUp:     place = {1'b0, command_out.index[2:1]};
      fixed::OpQuery:  place = 3'd4;
      fixed::OpAttend: place = 3'd5;
      fixed::OpDown:   place = 3'd6;
      default: begin
        place = 3'd0;
        to_shelf = 1'b0;
      end
    endcase
  end
  assign is_mixed = command_out.valid && command_out.op == fixed::OpMix;
  always_ff @(posedge clk) begin
    if (takes_h1 || takes_h2) h <= normed;
    if (to_shelf && !command_out.index[0]) shelf_low[place] <= results;
    if (to_shelf && command_out.index[0]) shelf_high[place] <= results;
    if (is_mixed && !command_out.index[0]) x2[127:0] <= results;
    if (is_mixed && command_out.index[0]) x2[255:128] <= results;
  end

  // 2. x of each stream, in two halves, as results come.
  logic writes_low, writes_high;
  logic [1:0] write_stream, read_stream;
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
  logic [2:0] asked;
  logic from_shelf;
  always_comb begin
    from_shelf = 1'b1;
    case (command_b.op)
      fixed::OpDown:  asked = {1'b0, command_b.index[2:1]};
      fixed::OpScore: asked = 3'd4;
      fixed::OpMix:   asked = 3'd5;
      fixed::OpHead:  asked = 3'd6;
      default: begin
        asked = 3'd0;
        from_shelf = 1'b0;
      end
    endcase
  end
  assign all = from_shelf ? {shelf_high[asked], shelf_low[asked]} : h;
  assign b = (command_b.op == fixed::OpAttend) ? weights : {all, all};
endmodule
