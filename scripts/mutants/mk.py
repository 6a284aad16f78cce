import subprocess,sys
muts=[
(380,'module_attention_of_one_head','08_hardware/wasm/engine/engine.mjs','''      attention.set(all.subarray(head * blockSize, head * blockSize + length), head * length);''','''      attention.set(all.subarray(0, length), head * length);''','the page shows the attention of the first head four times','the module\'s probabilities are softmax at the temperature, its attention the formula'),
(381,'module_takes_bad_weights','08_hardware/wasm/engine/exports.cpp','''  if (!finite) return 0;
  for (auto& made''','''  for (auto& made''','a model whose gains make its weights infinite is taken','the engine\'s module refuses bad weights in one sentence, and keeps those it had'),
(382,'module_q15_not_clamped','07_fast_inference/many_streams/integer_wasm.cpp','''wasm_i16x8_max(scaled, wasm_i16x8_splat(0))''','''wasm_i16x8_max(scaled, wasm_i16x8_splat(-128))''','hidden numbers of the module\'s int8 engine may be negative','the module\'s int8 engine says the native one\'s logits'),
(383,'module_names_begin_anew','08_hardware/wasm/engine/exports.cpp','''    if (state().tokens[0] == bos_token) break;''','''    if (state().tokens[0] == bos_token && length > 0) break;''','a name of no letters is left out by the module','the engine\'s module writes the native names from the same seed'),
(384,'module_score_without_end','08_hardware/wasm/engine/engine.mjs','''    const targets = [...tokens, bos].slice(0, blockSize);''','''    const targets = tokens;''','the page prices a name without its end','the engine\'s module finds a name as surprising as the native program does'),
]
for n,name,f,a,b,mistake,red in muts:
    s=open(f).read(); assert s.count(a)==1,(n,s.count(a))
    open(f,'w').write(s.replace(a,b))
    d=subprocess.run(['git','diff','-U2','--',f],capture_output=True,text=True).stdout
    open(f,'w').write(s)
    d='\n'.join(l for l in d.split('\n') if not l.startswith('index '))
    open(f'scripts/mutants/{n}_{name}.patch','w').write(f'Mistake: {mistake}\nRed: stage08, "{red}"\n\n{d}')
