// Call: a function with its arguments, as bytes.
//
// What crosses is the address of a function that was instantiated for exactly this call (an `Invoker`), the
// address of the function itself if it is a pointer, and the arguments. The worker is a copy of the program, so
// addresses mean the same there. A lambda without captures has no value but its type, so nothing crosses for it;
// a lambda with captures is refused by the compiler: pass what it captures as arguments.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <course/process_pool/serialize.hpp>
#include <course/process_pool/worker.hpp>

namespace course::pool {

template <class F>
concept FunctionPointer = std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>;
template <class F>
concept Stateless = std::is_empty_v<F> && std::is_default_constructible_v<F>;

/// The type that an argument has in the message.
template <class A>
struct StoredAs {
    using type = A;
};
template <>
struct StoredAs<const char*> {
    using type = std::string;
};
template <>
struct StoredAs<char*> {
    using type = std::string;
};
template <>
struct StoredAs<std::string_view> {
    using type = std::string;
};
template <class A>
using Stored = typename StoredAs<std::decay_t<A>>::type;

/// The arguments of a call as they cross: as the function takes them, if it says so, else as they are given.
template <class F, class... A>
struct Arguments {
    using type = std::tuple<Stored<A>...>;
};
template <class R, class... P, class... A>
requires(sizeof...(P) == sizeof...(A)) struct Arguments<R (*)(P...), A...> {
    using type = std::tuple<Stored<P>...>;
};
template <class R, class... P, class... A>
requires(sizeof...(P) == sizeof...(A)) struct Arguments<R (*)(P...) noexcept, A...> {
    using type = std::tuple<Stored<P>...>;
};

/// What the parent reads a result into: itself if it is a blob, which then needs no further copy.
template <class R>
void encode_result(Message& message, const R& result) {
    if constexpr (Blob<R>) {
        const std::size_t size = result.size() * sizeof(typename R::value_type);
        if (size >= large)
            message.refer(result.data(), size);
        else
            message.append(result.data(), size);
    } else {
        encode(message, result, true);
    }
}

template <class F>
F read_function(Reader& reader) {
    F function{};
    if constexpr (FunctionPointer<F>)
        reader.read(&function, sizeof function);
    return function;
}

template <class F>
void check_function() {
    static_assert(FunctionPointer<F> || Stateless<F>,
                  "only functions and lambdas without captures can cross to a worker: pass what a "
                  "lambda captures as arguments");
}

template <class T>
constexpr bool check_crosses() {
    static_assert(!std::is_pointer_v<T>, "a pointer means nothing in another process");
    static_assert(std::is_pointer_v<T> || Crosses<T>,
                  "a type that crosses between processes needs one function: "
                  "template <class Archive> void serialize(Archive& archive) { archive(a, b); }");
    return true;
}

template <class F, class Arguments>
struct Invocation;

/// One call.
template <class F, class... S>
struct Invocation<F, std::tuple<S...>> {
    static_assert(std::is_invocable_v<F, S...>,
                  "the function cannot be called with these arguments (a worker has copies: it "
                  "can't take references to change what the caller has)");
    static_assert((check_crosses<S>() && ...));
    using Result = std::decay_t<std::invoke_result_t<F, S...>>;

    static void run(Reader& reader, Reply& reply) {
        const F function = read_function<F>(reader);
        std::tuple<S...> arguments{decode<S>(reader)...};
        Message message;
        if constexpr (std::is_void_v<Result>) {
            std::apply(function, std::move(arguments));
            reply.value(message);
        } else {
            static_assert(check_crosses<Result>());
            const Result result = std::apply(function, std::move(arguments));
            encode_result(message, result);
            reply.value(message);
        }
    }
};

/// The calls of a chunk: the message holds the number of items and the items.
template <class F, class Item>
struct ChunkInvocation {
    static_assert(std::is_invocable_v<F, Item>, "the function cannot be called with an item");
    static_assert(check_crosses<Item>());
    using Result = std::decay_t<std::invoke_result_t<F, Item>>;

    static void run(Reader& reader, Reply& reply) {
        const F function = read_function<F>(reader);
        const auto count = decode<std::uint64_t>(reader);
        Message results;
        for (std::uint64_t i = 0; i < count; ++i) {
            Item item = decode<Item>(reader);
            reply.item(i);
            one(function, std::move(item), results);
        }
        reply.value(results);
    }

  private:
    static void one(const F& function, Item&& item, Message& results) {
        try {
            if constexpr (std::is_void_v<Result>) {
                std::invoke(function, std::move(item));
                encode(results, true);
            } else {
                static_assert(check_crosses<Result>());
                const Result result = std::invoke(function, std::move(item));
                encode(results, true);
                encode(results, result);
            }
        } catch (...) {
            encode(results, false);
            encode_exception(results);
        }
    }
};

/// Append the addresses that a call begins with.
template <class F>
void encode_function(Message& message, Invoker invoker, const F& function) {
    message.append(&invoker, sizeof invoker);
    if constexpr (FunctionPointer<F>) {
        if (function == nullptr)
            throw std::logic_error("a null pointer was given to a process pool as a function");
        message.append(&function, sizeof function);
    }
}

template <class S, class A>
void encode_argument(Message& message, const A& argument) {
    if constexpr (std::same_as<S, A>)
        encode(message, argument, true);
    else
        encode(message, S(argument));
}

/// Append an item of a chunk; what it was may be gone soon.
template <class Item, class Given>
void encode_item(Message& message, const Given& given) {
    if constexpr (std::same_as<Item, Given>)
        encode(message, given);
    else
        encode(message, Item(given));
}

/// What the task of a chunk returns: bytes that `MapResults` takes apart.
struct ChunkResult {};

/// Encode a whole call. Large arguments are not copied if they were given as rvalues.
template <class F, class... A>
void encode_call(Message& message, const F& function, A&&... arguments) {
    using Tuple = typename Arguments<F, A...>::type;
    const Invoker invoker = &Invocation<F, Tuple>::run;
    encode_function(message, invoker, function);
    [&]<class... S>(std::type_identity<std::tuple<S...>>) {
        (encode_argument<S>(message, arguments), ...);
        if (!message.refers())
            return;
        // Large: the message takes the arguments over, and refers to them in their new place.
        auto kept = std::make_shared<std::tuple<S...>>(std::forward<A>(arguments)...);
        message.clear();
        encode_function(message, invoker, function);
        std::apply([&](const S&... each) { (encode_argument<S>(message, each), ...); }, *kept);
        message.keep(kept);
    }(std::type_identity<Tuple>());
}

}  // namespace course::pool

namespace course {

/// A function with its arguments, to be called in a worker: `{open_log, "kitchen.log"}`. Empty: no call.
class Call {
  public:
    Call() = default;
    /// \param function   a function or a lambda without captures.
    /// \param arguments  are copied.
    template <class F, class... A>
    requires(!std::same_as<std::decay_t<F>, Call>) Call(F&& function, A&&... arguments) {
        using Function = std::decay_t<F>;
        pool::check_function<Function>();
        pool::Message message;
        const Function callable = function;
        pool::encode_call(message, callable, std::forward<A>(arguments)...);
        bytes_.resize(message.size());
        message.copy(0, bytes_.data(), message.size());
    }
    /// As it is sent.
    const std::string& bytes() const noexcept { return bytes_; }
    /// Whether there is nothing to call.
    bool empty() const noexcept { return bytes_.empty(); }

  private:
    std::string bytes_;
};

}  // namespace course
