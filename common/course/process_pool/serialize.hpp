// How values become bytes: cereal, on top of Message and Reader.
//
// A type of yours crosses once it has this one function:
//
//     template <class Archive> void serialize(Archive& archive) { archive(name, price); }
//
// Numbers, enumerations, strings and vectors of numbers go past cereal, straight into the message. The bytes
// are those of this machine: both ends are the same program.
#pragma once

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <concepts>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <course/process_pool/message.hpp>

namespace course::pool {

/// Writes into a message.
class OutputArchive : public cereal::OutputArchive<OutputArchive, cereal::AllowEmptyClassElision> {
  public:
    /// \param borrow  refer to large data, which then must outlive the message, instead of copying it.
    OutputArchive(Message& message, bool borrow)
        : cereal::OutputArchive<OutputArchive, cereal::AllowEmptyClassElision>(this),
          message_(message),
          borrow_(borrow) {}
    /// Append \p size bytes.
    void write(const void* data, std::size_t size) {
        if (borrow_ && size >= large)
            message_.refer(data, size);
        else
            message_.append(data, size);
    }
    /// Append \p size bytes that may be gone soon.
    void write_copy(const void* data, std::size_t size) { message_.append(data, size); }

  private:
    Message& message_;
    bool borrow_;
};

/// Reads from a message.
class InputArchive : public cereal::InputArchive<InputArchive, cereal::AllowEmptyClassElision> {
  public:
    explicit InputArchive(Reader& reader)
        : cereal::InputArchive<InputArchive, cereal::AllowEmptyClassElision>(this),
          reader_(reader) {}
    /// What it reads from.
    Reader& reader() { return reader_; }

  private:
    Reader& reader_;
};

// What cereal asks an archive for. Names are cereal's.
template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const T& value) {
    archive.write_copy(&value, sizeof value);
}
template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, T& value) {
    archive.reader().read(&value, sizeof value);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const cereal::SizeTag<T>& tag) {
    const std::uint64_t count = tag.size;
    archive.write_copy(&count, sizeof count);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, cereal::SizeTag<T>& tag) {
    tag.size = static_cast<std::decay_t<T>>(archive.reader().read_count());
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const cereal::BinaryData<T>& data) {
    archive.write(data.data, static_cast<std::size_t>(data.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, cereal::BinaryData<T>& data) {
    archive.reader().read(data.data, static_cast<std::size_t>(data.size));
}

/// A type whose bytes are its value.
template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class T>
inline constexpr bool is_blob = false;
template <>
inline constexpr bool is_blob<std::string> = true;
template <Plain T>
requires(!std::same_as<T, bool>) inline constexpr bool is_blob<std::vector<T>> = true;
/// A string or a vector of numbers: one run of bytes.
template <class T>
concept Blob = is_blob<T>;

/// A type that crosses between processes.
template <class T>
concept Crosses = Plain<T> || Blob<T> || std::is_empty_v<T> ||
    (cereal::traits::is_output_serializable<T, OutputArchive>::value&&
         cereal::traits::is_input_serializable<T, InputArchive>::value);

/// Append \p value to \p message.
/// \param borrow  refer to large data in it instead of copying it.
template <class T>
void encode(Message& message, const T& value, bool borrow = false) {
    if constexpr (Plain<T>) {
        message.append(&value, sizeof value);
    } else if constexpr (Blob<T>) {
        const std::uint64_t count = value.size();
        message.append(&count, sizeof count);
        const std::size_t size = value.size() * sizeof(typename T::value_type);
        if (borrow && size >= large)
            message.refer(value.data(), size);
        else
            message.append(value.data(), size);
    } else if constexpr (!std::is_empty_v<T>) {
        OutputArchive archive(message, borrow);
        archive(value);
    }
}

/// The next value of \p reader.
/// \throws MessageError  if the message does not hold one.
template <class T>
T decode(Reader& reader) {
    static_assert(std::is_default_constructible_v<T>,
                  "a type that crosses between processes needs a default constructor");
    T value{};
    if constexpr (Plain<T>) {
        reader.read(&value, sizeof value);
    } else if constexpr (Blob<T>) {
        const std::size_t count = reader.read_count();
        if (count > reader.remaining() / sizeof(typename T::value_type))
            throw MessageError("a message ends in the middle of a value");
        value.resize(count);
        reader.read(value.data(), count * sizeof(typename T::value_type));
    } else if constexpr (!std::is_empty_v<T>) {
        InputArchive archive(reader);
        archive(value);
    }
    return value;
}

/// Append the exception that is being handled. Never throws another one.
void encode_exception(Message& message) noexcept;
/// The exception that `encode_exception` wrote.
/// \throws MessageError  if it did not.
std::exception_ptr decode_exception(Reader& reader);

}  // namespace course::pool

CEREAL_SETUP_ARCHIVE_TRAITS(course::pool::InputArchive, course::pool::OutputArchive)
