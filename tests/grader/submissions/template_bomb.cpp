// Templates that take the compiler years.
#include "answer.hpp"
template <int depth, class... Types>
struct Bomb {
    using type = typename Bomb<depth - 1, Types..., Bomb<depth, Types...>>::type;
    using other = typename Bomb<depth - 1, Bomb<depth, Types...>, Types...>::type;
};
template <class... Types>
struct Bomb<0, Types...> {
    using type = int;
};
int lab::answer() {
    return Bomb<40>::type(42);
}
std::string lab::echo(const std::string& text) {
    return text;
}
