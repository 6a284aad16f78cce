// What follows from the weights beside the memories' contents: by how many bits the engine's sums are
// shifted, and RMSNorm's 1e-5. Written by `08_fpga_roms --package FILE`; a test compares.
package model;
  localparam int QueryShift = 12;
  localparam int KeyShift = 12;
  localparam int ValueShift = 12;
  localparam int ScoreShift = 12;
  localparam int MixedShift = 12;
  localparam int HiddenShift = 12;
  localparam int ResidualShift = 2;
  localparam int DownShift = 14;
  localparam int LogitShift = 11;
  localparam int NormEpsilon = 168;
endpackage
