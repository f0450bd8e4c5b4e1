// How a study is spread: every engine is told the same, which part of how many.

enum Recipes {
  static func text(for file: String) -> String {
    """
    # A study is a script, `netsh` and this folder on every machine. Each line runs all of
    # it; each may be typed again after a failure and goes on where it was broken off.

    # GNU parallel over ssh; hosts.txt has a machine a line (tested with this program)
    parallel --sshloginfile hosts.txt --workdir . --basefile \(file) --return out/{} \\
        --retries 3 --joblog jobs.log --resume-failed \\
        netsh sweep run \(file) --shard {}/64 --out out/{} ::: {1..64}
    netsh sweep merge out/* --csv results.csv

    # Slurm, as an array (not run here)
    sbatch --array=1-64 --wrap \\
        'netsh sweep run \(file) --shard $SLURM_ARRAY_TASK_ID/64 --out out/$SLURM_ARRAY_TASK_ID'

    # HTCondor (not run here): in the submit file, with `queue 64`; $(Process) begins at 0
    arguments = "sweep run \(file) --shard $INT(Number)/64 --out out"
    Number = $(Process) + 1

    # Kubernetes (not run here): a Job with completionMode: Indexed, completions: 64
    command: [sh, -c, "netsh sweep run \(file) --shard $((JOB_COMPLETION_INDEX + 1))/64 --out /out"]

    """
  }
}
