/** One line of the corpus run. `skip` is not a failure: it names what is not checked, and why. */
export interface Check {
  readonly name: string
  readonly outcome: 'ok' | 'fail' | 'skip'
  readonly detail: string
}
