# Workloads w1, w3 and w4 of examples/bench in ns-2: FullTcp, which comes from 4.4BSD as ours does, and
# packets that carry no octets.
#
#     ns ns2.tcl w1 OCTETS | w3 SECONDS FLOWS | w4 SECONDS
#
# w2 is left out: ns-2 has no broadcast on a wired LAN.
lassign $argv work amount flows

# Of all headers only these are kept, as its users do for speed.
remove-all-packet-headers
add-packet-header IP TCP
set ns [new Simulator]
foreach {option value} {
    segsize_ 1460  window_ 44  segsperack_ 2  tcpip_base_hdr_size_ 40  nodelay_ true
} { Agent/TCP/FullTcp set $option $value }

set writers {}
set readers {}

proc cable {a b rate} {
    global ns
    $ns duplex-link $a $b $rate 1ms DropTail
    $ns queue-limit $a $b 200
    $ns queue-limit $b $a 200
}

# A connection that the writer opens with its first octets.
proc connection {from to} {
    global ns writers readers
    set writer [new Agent/TCP/FullTcp/Newreno]
    set reader [new Agent/TCP/FullTcp/Newreno]
    $ns attach-agent $from $writer
    $ns attach-agent $to $reader
    $ns connect $writer $reader
    $reader listen
    lappend writers $writer
    lappend readers $reader
    return $writer
}

proc told {} {
    global work writers readers
    set packets 0
    set again 0
    foreach agent [concat $writers $readers] {
        incr packets [expr {[$agent set ndatapack_] + [$agent set nackpack_]}]
        incr again [$agent set nrexmitpack_]
    }
    puts "$work packets=$packets drops=$again"
    exit 0
}

if {$work eq "w3"} {
    set hub [$ns node]
    for {set i 0} {$i < $flows} {incr i} {
        set spoke [$ns node]
        cable $spoke $hub 10Mb
        $ns at [expr {0.001 + 1e-5 * $i}] "[connection $spoke $hub] advance-bytes 1500000000"
    }
    $ns at $amount told
} else {
    set a [$ns node]
    set b [$ns node]
    cable $a $b 100Mb
    set writer [connection $a $b]
    if {$work eq "w1"} {
        $ns at 0.0 "$writer advance-bytes $amount"
        $ns at [expr {2 + $amount * 8 / 90e6}] told
    } else {
        $ns at 1.0 "$writer advance-bytes 1460"
        $ns at $amount told
    }
}
$ns run
