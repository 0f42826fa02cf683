package io.sworn.filter.language;

import java.util.ArrayList;
import java.util.List;

/** Finds what a filter uses beyond MongoDB's language, so that a server would refuse it. */
public final class Extensions {

  private Extensions() {}

  /** The places of such operators, in the order of the filter's text. */
  public static List<String> places(Predicate predicate) {
    List<String> places = new ArrayList<>();
    visit(predicate, places);
    return List.copyOf(places);
  }

  private static void visit(Predicate predicate, List<String> places) {
    if (predicate instanceof Predicate.All all) {
      all.parts().forEach(part -> visit(part, places));
    } else if (predicate instanceof Predicate.Any any) {
      any.parts().forEach(part -> visit(part, places));
    } else if (predicate instanceof Predicate.Not not) {
      visit(not.part(), places);
    } else if (predicate instanceof Predicate.Field field) {
      if (field.condition() instanceof Condition.InNetwork) {
        places.add(field.where());
      } else if (field.condition() instanceof Condition.HasElement element) {
        visit(element.element(), places);
      }
    }
  }
}
