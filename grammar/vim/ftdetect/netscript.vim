" NetScript files. Copy or link this folder's parent into ~/.vim/pack/netscript/start/.
autocmd BufNewFile,BufRead *.ns setfiletype netscript
