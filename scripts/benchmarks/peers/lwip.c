/* The octets of w1 through lwIP, both ends in one stack over its own loopback: what a real stack in C
 * costs that copies and sums real octets, without a simulator around it: no clock, no rate, no delay.
 *
 *     lwip OCTETS
 */
#include <lwip/ip4_addr.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char piece[1460];
static unsigned long long wanted, written, received;
static volatile int finished;
static struct netif loop;

static void write_more(struct tcp_pcb *pcb) {
  while (written < wanted && tcp_sndbuf(pcb) >= sizeof piece &&
         tcp_write(pcb, piece, sizeof piece, TCP_WRITE_FLAG_COPY) == ERR_OK)
    written += sizeof piece;
  tcp_output(pcb);
}

static err_t acknowledged(void *none, struct tcp_pcb *pcb, u16_t length) {
  (void)none, (void)length;
  write_more(pcb);
  return ERR_OK;
}

static err_t connected(void *none, struct tcp_pcb *pcb, err_t error) {
  (void)none, (void)error;
  tcp_sent(pcb, acknowledged);
  write_more(pcb);
  return ERR_OK;
}

static err_t arrived(void *none, struct tcp_pcb *pcb, struct pbuf *data, err_t error) {
  (void)none, (void)error;
  if (data == NULL) return ERR_OK;
  received += data->tot_len;
  tcp_recved(pcb, data->tot_len);
  pbuf_free(data);
  finished = received >= wanted;
  return ERR_OK;
}

static err_t accepted(void *none, struct tcp_pcb *pcb, err_t error) {
  (void)none, (void)error;
  tcp_recv(pcb, arrived);
  return ERR_OK;
}

/* Never called: what goes to one's own address is looped back. */
static err_t put(struct netif *interface, struct pbuf *packet, const ip4_addr_t *to) {
  (void)interface, (void)packet, (void)to;
  return ERR_OK;
}

static err_t begin(struct netif *interface) {
  interface->name[0] = 'l', interface->name[1] = 'p';
  interface->mtu = 1500;
  interface->output = put;
  interface->flags |= NETIF_FLAG_UP | NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

int main(int count_of_words, char **words) {
  ip4_addr_t address, mask, gateway;
  ip_addr_t peer;
  wanted = count_of_words > 1 ? strtoull(words[1], NULL, 10) : 1000000000ull;
  wanted += (sizeof piece - wanted % sizeof piece) % sizeof piece;
  tcpip_init(NULL, NULL);
  usleep(1000);
  IP4_ADDR(&address, 10, 0, 1, 1);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&gateway, 0, 0, 0, 0);
  LOCK_TCPIP_CORE();
  netif_add(&loop, &address, &mask, &gateway, NULL, begin, tcpip_input);
  netif_set_default(&loop);
  netif_set_up(&loop);
  struct tcp_pcb *door = tcp_new();
  tcp_bind(door, IP_ADDR_ANY, 9);
  tcp_accept(tcp_listen(door), accepted);
  ip_addr_copy_from_ip4(peer, address);
  tcp_connect(tcp_new(), &peer, 9, connected);
  UNLOCK_TCPIP_CORE();
  while (!finished) usleep(1000);
  printf("w1 segments=%llu\n", received / sizeof piece);
  fflush(stdout);
  _exit(0);
}
