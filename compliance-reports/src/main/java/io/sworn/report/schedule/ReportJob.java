package io.sworn.report.schedule;

import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.SchedulerException;

/** The clock struck: every day that is owed is reported on. */
@DisallowConcurrentExecution
public final class ReportJob implements Job {

  static final String OWNER = "owner";
  static final String FRAMEWORK = "framework";

  @Override
  public void execute(JobExecutionContext context) throws JobExecutionException {
    try {
      if (context.getScheduler().getContext().get(OWNER) instanceof ReportScheduler owner) {
        owner.settle(context.getMergedJobDataMap().getString(FRAMEWORK));
      }
    } catch (SchedulerException e) {
      throw new JobExecutionException(e);
    }
  }
}
