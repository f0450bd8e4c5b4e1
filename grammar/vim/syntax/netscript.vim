" Vim syntax file
" Language: NetScript (grammar/netscript.ebnf; a test compares the lists of words)
"
" A contextual word is one where its statement begins, and the next token is the one it needs.

if exists('b:current_syntax')
  finish
endif
let s:keep = &cpoptions
set cpoptions&vim

syntax keyword netscriptReserved let var fn if then else for in by while match return break continue
syntax keyword netscriptReserved and or not mod
syntax keyword netscriptConstant true false none

" Numbers with their units; a unit that there is not is an error.
let s:time = 'ns us ms s min h d'
let s:data = 'b kb Mb Gb B kB KB MB GB KiB MiB GiB'
let s:rate = 'bps kbps Mbps Gbps'
let s:ratio = '%'
function! s:Any(words) abort
  return '%(' . join(split(a:words), '|') . ')'
endfunction
let s:digits = '<\d[0-9_]*%(\.\d+)?%([eE][+-]?\d+)?'
let s:per = '%(\/' . s:Any(s:time) . '>\(@!)?'
execute 'syntax match netscriptError /\v' . s:digits . '%([A-Za-z_]\w*)?/'
execute 'syntax match netscriptNumber /\v' . s:digits . '%([A-Za-z_0-9])@!' . s:per . '/'
execute 'syntax match netscriptNumber /\v' . s:digits . s:Any(s:time) . '>/'
execute 'syntax match netscriptNumber /\v' . s:digits . s:Any(s:data . ' ' . s:rate)
  \ . '>' . s:per . '/'
execute 'syntax match netscriptNumber /\v' . s:digits . '\' . s:ratio . '/'
syntax match netscriptNumber /\v<0[xX]\x[0-9A-Fa-f_]*>/
execute 'syntax match netscriptUnit /\v%(-\>\s*)@10<=%(\' . s:ratio . '|'
  \ . s:Any(s:time . ' ' . s:data . ' ' . s:rate) . '>%(\/' . s:Any(s:time) . '>)?)/'

syntax match netscriptOperator /\v[-+*\/<>=]|[!]\=|\.\.\<?/
syntax match netscriptMember /\v\.@1<!\.\s*[A-Za-z_]\w*/
syntax match netscriptSymbol /\v%([A-Za-z0-9_\]")%]\s*)@40<!\.\s*[A-Za-z_]\w*/
let s:before = 'if then else in by while match return and or not mod'
execute 'syntax match netscriptSymbol /\v%(<' . s:Any(s:before) . '\s+)@40<=\.\s*[A-Za-z_]\w*/'

" Words of the bench, by what comes next: a text, a name, an operand, the end of the statement.
let s:text = 'import case variant'
let s:name = 'param sweep policy preset kind on'
let s:operand = 'when every at expect record plot report capture show why fail'
let s:either = 'step print'
let s:end = 'pause stop'
let s:moment = 'on when every at'
let s:begin = '%(%(^|[;{]|\=\>)\s*)@100<='
let s:start = '%(["([A-Za-z0-9_]|-\=@!)'
let s:stop = '%($|[;}#])'
function! s:Head(words, next) abort
  execute 'syntax match netscriptStatement /\v' . s:begin . '<' . s:Any(a:words)
    \ . '>%(\s*' . a:next . ')@=/'
endfunction
call s:Head(s:text, 'r?"')
call s:Head(s:name, '[A-Za-z_]')
call s:Head(s:operand, s:start)
call s:Head(s:either, '%(' . s:start . '|' . s:stop . ')')
call s:Head(s:end, s:stop)
call s:Head('once', s:Any(s:moment) . '>')
call s:Head('run', '%(for|until)>')

" Words of their clauses: after an operand, and before one or the end of the line.
let s:clauses = 'as where within after before until every on'
let s:modals = 'always never eventually whenever finally'
execute 'syntax match netscriptClause /\v%([A-Za-z0-9_"\])}%]\s+)@40<=' . s:Any(s:clauses)
  \ . '>%(\s*$|\s+' . s:start . ')@=%(\s+%(in|and|or|mod|by)>)@!/'
execute 'syntax match netscriptClause /\v%(' . s:begin . '<expect\s+)@110<=' . s:Any(s:modals) . '>/'
execute 'syntax match netscriptClause /\v%(' . s:begin . '<run\s+)@110<=until>/'
execute 'syntax match netscriptClause /\v%(' . s:begin . '<step\s+)@110<=on>/'
execute 'syntax match netscriptStatement /\v%(' . s:begin . '<once\s+)@110<=' . s:Any(s:moment) . '>/'

syntax region netscriptString start=/"/ skip=/\\./ end=/"\|$/ oneline
  \ contains=netscriptEscape,netscriptInterpolation
syntax region netscriptString start=/"""/ skip=/\\./ end=/"""/
  \ contains=netscriptEscape,netscriptInterpolation
syntax region netscriptString start=/\<r"/ end=/"\|$/ oneline
syntax match netscriptEscape /\\[nrt"\\]\|{{\|}}/ contained
syntax region netscriptInterpolation matchgroup=netscriptDelimiter start=/{\@<!{{\@!/
  \ end=/\v%(:\d+%(\.\d+)?)?\}/ oneline contained contains=TOP
syntax match netscriptComment /#.*/
syntax match netscriptDocumentation /###\@!.*/
syntax sync minlines=200

highlight default link netscriptReserved Keyword
highlight default link netscriptConstant Boolean
highlight default link netscriptNumber Number
highlight default link netscriptUnit Type
highlight default link netscriptError Error
highlight default link netscriptOperator Operator
highlight default link netscriptSymbol Constant
highlight default link netscriptStatement Statement
highlight default link netscriptClause Keyword
highlight default link netscriptString String
highlight default link netscriptEscape SpecialChar
highlight default link netscriptDelimiter Special
highlight default link netscriptComment Comment
highlight default link netscriptDocumentation SpecialComment

let b:current_syntax = 'netscript'
let &cpoptions = s:keep
unlet s:keep
