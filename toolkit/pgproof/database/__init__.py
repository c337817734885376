"""The server: how it is named, reached, versioned and provided; who else is at work there.

Many files because what keeps migrators from harming each other and the traffic is one file per question: who
migrates (`mutex`, `holder`), who waits for whom (`watch`), who has locked what (`lockers`), what stands in
between (`pooler`), what is wrong there already (`preflight`). The room `scratch` has one file per provider and
per concern of the operating system.
"""
