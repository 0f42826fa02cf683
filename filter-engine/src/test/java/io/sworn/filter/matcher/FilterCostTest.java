package io.sworn.filter.matcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.filter.AuditFilter;
import io.sworn.filter.FilterCost;
import org.junit.jupiter.api.Test;

class FilterCostTest {

  private static FilterCost cost(String filter) {
    return AuditFilter.compile(filter.replace('\'', '"')).cost();
  }

  @Test
  void theCompilersDecisionIsTold() {
    assertThat(cost("{'atype':'authCheck','result':13}").text())
        .isEqualTo("found by index: atype (equality)");
    assertThat(
            cost("{'$or':[{'param.ns':{'$regex':'^a\\\\.'}},{'ts':{'$gt':{'$date':0}}}]}").text())
        .isEqualTo("found by index: param.ns (prefix), ts (range)");
    assertThat(cost("{'param.user':{'$exists':true}}").text())
        .isEqualTo("found by index: param.user (existence)");
    assertThat(cost("{'result':{'$ne':0}}").text()).isEqualTo("looked at for every event");
    assertThat(cost("{'$or':[{'result':{'$ne':0}},{'atype':'alert'}]}").text())
        .isEqualTo(
            "1 of 2 alternatives looked at for every event; found by index: atype (equality)");
    assertThat(cost("{'atype':{'$in':[]}}").indexed()).isFalse();
  }

  @Test
  void searchesAreToldWithTheirLimit() {
    assertThat(cost("{'atype':'authCheck','users.user':{'$regex':'(a+)+$'}}").text())
        .isEqualTo(
            "found by index: atype (equality); regular expression /(a+)+$/: backtracks, given up"
                + " after 2000000 steps (undecidable, so kept)");
    assertThat(cost("{'users':{'$elemMatch':{'user':{'$regex':'x$'}}}}").searches())
        .containsExactly("/x$/");
    assertThat(cost("{'param.ns':{'$regex':'^a'}}").searches()).isEmpty();
  }
}
