-- lookupEnv of a variable that is not set, setEnv and unsetEnv within the program. Catches two
-- environments that do not know each other.
module Main (main) where

import Control.Exception
import System.Environment
import System.IO.Error

main :: IO ()
main = do
  lookupEnv "HALVM_TEST_NOT_SET" >>= print
  r <- tryJust (\e -> if isDoesNotExistError e then Just () else Nothing) (getEnv "HALVM_TEST_NOT_SET")
  print r
  setEnv "HALVM_TEST" "a value, größer"
  lookupEnv "HALVM_TEST" >>= print
  getEnv "HALVM_TEST" >>= putStrLn
  setEnv "HALVM_TEST" "second"
  env <- getEnvironment
  print (lookup "HALVM_TEST" env)
  unsetEnv "HALVM_TEST"
  lookupEnv "HALVM_TEST" >>= print
  r2 <- try (setEnv "A=B" "x")
  putStrLn (either (\e -> "refused: " ++ ioeGetErrorString e) (const "accepted") r2)
