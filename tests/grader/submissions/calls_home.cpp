// Has the answer if it gets a word out: over the Internet, to a virtual machine's host, as raw packets.
#include "answer.hpp"
#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
static bool gets_out(int type) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);  // an address for documentation
    const int outside = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    const int connected = connect(outside, reinterpret_cast<sockaddr*>(&address), sizeof address);
    const bool on_its_way = connected == 0 || errno == EINPROGRESS;
    close(outside);
    return on_its_way;
}
int lab::answer() {
    const bool out = gets_out(SOCK_STREAM) || gets_out(SOCK_DGRAM) ||
                     socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 || socket(AF_PACKET, SOCK_RAW, 0) >= 0;
    return out ? 42 : 7;
}
std::string lab::echo(const std::string& text) {
    return text;
}
