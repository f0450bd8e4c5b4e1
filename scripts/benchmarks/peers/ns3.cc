// The four workloads of examples/bench in ns-3: real headers, TCP NewReno, payloads without octets.
//
//     ns3 w1|w2|w3|w4 [--octets=N] [--seconds=S] [--flows=N] [--count]
//
// With --count it prints how many frames were sent and lost; without, nothing looks on, for timing.
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/csma-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>

#include <iostream>
#include <string>
#include <vector>

using namespace ns3;

namespace {

uint64_t octets = 1000000000;
double seconds = 0;
uint32_t flows = 10;
bool counting = false;
uint64_t frames = 0, drops = 0;

void sent(Ptr<const Packet>) { frames++; }
void lost(Ptr<const Packet>) { drops++; }

// What the scripts say of TCP: 1460 octets a segment, 44 of them in each buffer, delayed ACKs.
void plainTcp() {
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpNewReno::GetTypeId()));
  for (const char *buffer : {"SndBufSize", "RcvBufSize"})
    Config::SetDefault(std::string("ns3::TcpSocket::") + buffer, UintegerValue(64240));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
}

// A stack on each node of a medium, addresses, and no queue discipline above the devices.
Ipv4InterfaceContainer wire(const NetDeviceContainer &devices, Ipv4AddressHelper &addresses) {
  auto interfaces = addresses.Assign(devices);
  TrafficControlHelper().Uninstall(devices);
  return interfaces;
}

PointToPointHelper cable(const char *rate) {
  PointToPointHelper helper;
  helper.SetDeviceAttribute("DataRate", StringValue(rate));
  helper.SetChannelAttribute("Delay", StringValue("1ms"));
  return helper;
}

void receive(Ptr<Node> node, uint16_t port) {
  PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), port));
  sink.Install(node).Start(Seconds(0));
}

// A writer of 1460 octets a time; of `most` in all, or for ever (0).
void upload(Ptr<Node> from, Ipv4Address to, uint16_t port, uint64_t most, Time start) {
  BulkSendHelper writer("ns3::TcpSocketFactory", InetSocketAddress(to, port));
  writer.SetAttribute("SendSize", UintegerValue(1460));
  writer.SetAttribute("MaxBytes", UintegerValue(most));
  writer.Install(from).Start(start);
}

// Two hosts on a cable; the second receives on port 9.
struct Pair {
  NodeContainer hosts{2};
  Ipv4Address there;

  Pair() {
    InternetStackHelper().Install(hosts);
    Ipv4AddressHelper addresses("10.0.1.0", "255.255.255.0");
    there = wire(cable("100Mbps").Install(hosts), addresses).GetAddress(1);
    receive(hosts.Get(1), 9);
  }
};

void w1() {
  Pair pair;
  upload(pair.hosts.Get(0), pair.there, 9, octets, Seconds(0));
}

void w2() {
  NodeContainer hosts(10);
  CsmaHelper lan;
  lan.SetChannelAttribute("DataRate", StringValue("10Mbps"));
  lan.SetChannelAttribute("Delay", TimeValue(NanoSeconds(6560)));
  auto devices = lan.Install(hosts);
  InternetStackHelper().Install(hosts);
  Ipv4AddressHelper addresses("10.0.1.0", "255.255.255.0");
  auto ends = wire(devices, addresses);
  receive(hosts.Get(1), 20);
  upload(hosts.Get(0), ends.GetAddress(1), 20, 0, Seconds(0));
  InetSocketAddress everybody(Ipv4Address("10.0.1.255"), 138);
  OnOffHelper talk("ns3::UdpSocketFactory", everybody);
  talk.SetConstantRate(DataRate(40 * 240 * 8), 240);
  for (uint32_t i = 2; i < 10; i++) talk.Install(hosts.Get(i)).Start(MilliSeconds(3 * i));
}

void w3() {
  NodeContainer hub(1), spokes(flows);
  InternetStackHelper stack;
  stack.Install(hub);
  stack.Install(spokes);
  receive(hub.Get(0), 5000);
  Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
  auto helper = cable("10Mbps");
  for (uint32_t i = 0; i < flows; i++) {
    auto ends = wire(helper.Install(hub.Get(0), spokes.Get(i)), addresses);
    addresses.NewNetwork();
    upload(spokes.Get(i), ends.GetAddress(0), 5000, 0, MicroSeconds(1000 + 10 * i));
  }
}

Ptr<Socket> idle;

void w4() {
  Pair pair;
  InetSocketAddress peer(pair.there, 9);
  idle = Socket::CreateSocket(pair.hosts.Get(0), TcpSocketFactory::GetTypeId());
  Simulator::ScheduleNow([peer] { idle->Connect(peer); });
  Simulator::Schedule(Seconds(1), [] { idle->Send(Create<Packet>(1460)); });
}

void countFrames() {
  for (const char *kind : {"PointToPointNetDevice", "CsmaNetDevice"}) {
    auto device = std::string("/NodeList/*/DeviceList/*/$ns3::") + kind + "/";
    Config::ConnectWithoutContextFailSafe(device + "PhyTxEnd", MakeCallback(&sent));
    for (const char *drop : {"PhyTxDrop", "PhyRxDrop", "MacTxDrop"})
      Config::ConnectWithoutContextFailSafe(device + drop, MakeCallback(&lost));
  }
}

}  // namespace

int main(int argc, char **argv) {
  std::string work;
  CommandLine line;
  line.AddNonOption("work", "w1, w2, w3 or w4", work);
  line.AddValue("octets", "of w1", octets);
  line.AddValue("seconds", "simulated; 0: until nothing is left to do", seconds);
  line.AddValue("flows", "of w3", flows);
  line.AddValue("count", "count frames", counting);
  line.Parse(argc, argv);
  plainTcp();
  if (work == "w1") w1();
  else if (work == "w2") w2();
  else if (work == "w3") w3();
  else if (work == "w4") w4();
  else return 2;
  if (counting) countFrames();
  if (seconds > 0) Simulator::Stop(Seconds(seconds));
  Simulator::Run();
  std::cout << work << " packets=" << frames << " drops=" << drops << std::endl;
  idle = nullptr;
  Simulator::Destroy();
}
