-- There are no processes in a unikernel: starting one is the IOError "unsupported operation",
-- and the program goes on. Guest only.
module Main (main) where

import System.IO.Error
import System.Process
import GHC.IO.Exception

main :: IO ()
main = do
  r <- tryIOError (readProcess "echo" ["hello"] "")
  putStrLn (either kind ("ran: " ++) r)
  r2 <- tryIOError (createProcess (proc "true" []) >>= \(_, _, _, p) -> waitForProcess p)
  putStrLn (either kind (("ran: " ++) . show) r2)
  r3 <- tryIOError (callCommand "exit 3")
  putStrLn (either kind (const "ran") r3)
  putStrLn "goes on"
  where kind e = if ioe_type e == UnsupportedOperation then "unsupported operation" else show e
