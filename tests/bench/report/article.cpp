// The article's figures, as printed.
#include "article.hpp"

#include <map>
#include <utility>

namespace bench {

std::optional<double> article_seconds(const std::string& work, const std::string& way, int tasks) {
    // By work and way: seconds for 1,000 tasks, and for 10,000.
    static const std::map<std::pair<std::string, std::string>, std::pair<double, double>> printed{
        {{"io", "loop_threads"}, {0.9911940097808838, 5.968851804733276}},
        {{"io", "loop_processes"}, {1.2635221481323242, 6.5089499950408936}},
        {{"io", "threads"}, {1.2167432308197021, 7.458053112030029}},
        {{"io", "processes"}, {1.5319018363952637, 6.667386054992676}},
        {{"cpu", "loop_threads"}, {0.8021156787872314, 7.525069952011108}},
        {{"cpu", "loop_processes"}, {0.5527217388153076, 3.0321288108825684}},
        {{"cpu", "threads"}, {0.7702062129974365, 7.162564277648926}},
        {{"cpu", "processes"}, {0.4566621780395508, 1.6991519927978516}},
        {{"mixed", "loop_pool_per_task"}, {0.8400530815124512, 6.82210898399353}},
        {{"mixed", "loop_processes"}, {1.1249358654022217, 11.561522960662842}},
        {{"mixed", "pool_per_task"}, {0.8603811264038086, 9.900066614151001}},
        {{"mixed", "processes"}, {0.9869413375854492, 11.04285192489624}},
    };
    const auto found = printed.find({work, way});
    if (found == printed.end() || (tasks != 1000 && tasks != 10'000))
        return std::nullopt;
    return tasks == 1000 ? found->second.first : found->second.second;
}

}  // namespace bench
