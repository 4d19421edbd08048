-- hWaitForInput and hReady see input that is there, and the end of file as an EOF error.
-- Catches a poll that does not agree with the read.
module Main (main) where

import System.IO
import System.IO.Error

main :: IO ()
main = do
  hWaitForInput stdin 2000 >>= print
  hReady stdin >>= print
  getLine >>= putStrLn
  hWaitForInput stdin (-1) >>= print
  getLine >>= putStrLn
  r <- tryIOError (hWaitForInput stdin 2000)
  print (either isEOFError (const False) r)
  r2 <- tryIOError (hReady stdin)
  print (either isEOFError (const False) r2)
