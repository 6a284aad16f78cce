// For Yosys, before its own pass that looks for adders: each + and - becomes one chain of carries. Left to
// itself it turns a sum of several numbers into a tree of full adders of LUTs, which for a chip that has
// carry chains are half as many gates again.
(* techmap_wrap = "alumacc" *)
(* techmap_celltype = "$add $sub" *)
module one_adder;
endmodule
