// What the ECP5's multiplier does, as far as mult18x18d_wires uses it: a register rank is there when
// its clock's name is not "NONE" (Lattice FPGA-TN-02205). Yosys has no such model: its
// cells_bb.v has the ports alone. Never held against silicon.
// verilator lint_off DECLFILENAME
// verilator lint_off UNUSEDPARAM
module MULT18X18D #(
    parameter REG_INPUTA_CLK = "NONE",
    parameter REG_INPUTA_CE = "CE0",
    parameter REG_INPUTB_CLK = "NONE",
    parameter REG_INPUTB_CE = "CE0",
    parameter REG_PIPELINE_CLK = "NONE",
    parameter REG_PIPELINE_CE = "CE0",
    parameter REG_OUTPUT_CLK = "NONE",
    parameter REG_OUTPUT_CE = "CE0",
    parameter GSR = "ENABLED"
)
// verilator lint_on UNUSEDPARAM
(
    input wire A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
    input wire B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
    input wire CLK0, CE0, RST0, SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    output wire P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
        P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
  wire [17:0] a =
    {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b =
    {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  reg [18:0] a_register, b_register;  // with the sign that SIGNEDA and SIGNEDB give them
  reg signed [35:0] middle, product;
  wire [18:0] a_signed = {SIGNEDA & a[17], a};
  wire [18:0] b_signed = {SIGNEDB & b[17], b};
  wire signed [18:0] a_used = REG_INPUTA_CLK == "NONE" ? a_signed : a_register;
  wire signed [18:0] b_used = REG_INPUTB_CLK == "NONE" ? b_signed : b_register;
  wire signed [37:0] exact = a_used * b_used;
  wire signed [35:0] middle_used = REG_PIPELINE_CLK == "NONE" ? exact[35:0] : middle;
  always @(posedge CLK0) begin
    if (CE0) begin
      a_register <= a_signed;
      b_register <= b_signed;
      middle <= exact[35:0];
      product <= middle_used;
    end
  end
  assign
    {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
        P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0}
      = REG_OUTPUT_CLK == "NONE" ? middle_used : product;
  wire unused = &{1'b0, RST0, SOURCEA, SOURCEB, exact[37:36]};
endmodule
