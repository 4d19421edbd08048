-- stdin that is empty from the start: end of file at the first read, in three ways; no arguments.
module Main (main) where

import System.Environment
import System.IO
import System.IO.Error

main :: IO ()
main = do
  getArgs >>= print
  isEOF >>= print
  r <- tryIOError getChar
  print (either isEOFError (const False) r)
  s <- getContents
  print s
  r2 <- tryIOError (hGetLine stdin)
  print (either isIllegalOperation (const False) r2)
